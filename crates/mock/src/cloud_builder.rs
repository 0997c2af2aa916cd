//! Sets up a cloud before it starts.

use crate::cloud_state::CloudState;
use crate::control::Control;
use crate::description;
use crate::service::Service;
use crate::{Cloud, server};
use std::sync::Arc;
use tokio::sync::watch;

/// A cloud yet to be started.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = imperal_mock::Cloud::builder().seed(7).start().await;
/// assert!(cloud.registry_url().starts_with("http://127.0.0.1:"));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a cloud runs once it is started"]
pub struct CloudBuilder {
    gateway_port: u16,
    registry_port: u16,
    seed: u64,
    is_strict: bool,
    is_frozen: bool,
}

impl CloudBuilder {
    pub(crate) const fn new() -> Self {
        Self {
            gateway_port: 0,
            registry_port: 0,
            seed: 1,
            is_strict: false,
            is_frozen: false,
        }
    }

    /// Lets the Auth Gateway listen on this port, and not on any that is free.
    pub const fn gateway_port(mut self, port: u16) -> Self {
        self.gateway_port = port;
        self
    }

    /// Lets the Registry listen on this port, and not on any that is free.
    pub const fn registry_port(mut self, port: u16) -> Self {
        self.registry_port = port;
        self
    }

    /// Sets what answers are made from: with the same seed they are the same.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
    /// let mut answers = Vec::new();
    /// for _ in 0..2 {
    ///     let cloud = imperal_mock::Cloud::builder().seed(7).start().await;
    ///     let app = format!("{}/v1/marketplace/apps/mail", cloud.gateway_url());
    ///     answers.push(reqwest::get(app).await?.text().await?);
    /// }
    /// assert_eq!(answers[0], answers[1]);
    /// # Ok(()) }
    /// ```
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether it refuses what the documents do not declare, and counts it as a violation: query parameters,
    /// fields of bodies, media types. It lets them pass where this is not set, as FastAPI does.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
    /// let cloud = imperal_mock::Cloud::builder().strict(true).start().await;
    /// let misspelt = format!("{}/v1/marketplace/apps?serach=mail", cloud.gateway_url());
    ///
    /// assert_eq!(reqwest::get(misspelt).await?.status(), 422);
    /// assert_eq!(cloud.exchanges()[0].violations[0].place, "query.serach");
    /// # Ok(()) }
    /// ```
    pub const fn strict(mut self, strict: bool) -> Self {
        self.is_strict = strict;
        self
    }

    /// Whether its time stands still but for what [`Cloud::advance`] moves it. It goes with the machine's where this
    /// is not set, and a test that takes long then sees another second.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::builder().frozen_clock(true).start().await;
    /// let imperal = cloud.client();
    /// imperal.login().await?;
    ///
    /// cloud.advance(Duration::from_secs(899)); // a second is left of the access token, however long this takes
    /// imperal.gateway().auth().me().send().await?;
    /// assert_eq!(cloud.exchanges().len(), 2);
    /// # Ok(()) }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    pub const fn frozen_clock(mut self, frozen: bool) -> Self {
        self.is_frozen = frozen;
        self
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// If a port is taken, or the machine can start no thread.
    #[allow(
        clippy::unused_async,
        reason = "callers await it, so that starting may come to wait for something"
    )]
    pub async fn start(self) -> Cloud {
        self.try_start()
            .unwrap_or_else(|error| panic!("the mocked cloud cannot start: {error}"))
    }

    /// Starts it.
    ///
    /// ```
    /// use imperal_mock::Cloud;
    ///
    /// let cloud = Cloud::builder().try_start()?;
    /// let port = cloud.gateway_url().rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
    /// let taken = Cloud::builder().gateway_port(port.expect("an address ends with its port"));
    /// assert!(taken.try_start().is_err());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a port is taken, or the machine can start no thread.
    pub fn try_start(self) -> std::io::Result<Cloud> {
        description::prepare();
        let (stop, stopped) = watch::channel(());
        let (gateway, gateway_address) = server::bind(self.gateway_port)?;
        let (registry, registry_address) = server::bind(self.registry_port)?;
        let state = CloudState::new(self.seed, self.is_frozen);
        let shared = state.clone();
        let (seed, is_strict) = (self.seed, self.is_strict);
        server::run(move || async move {
            // The documents are read here, so that starting does not wait for them.
            let services = vec![
                ("gateway", Arc::clone(&description::GATEWAY)),
                ("registry", Arc::clone(&description::REGISTRY)),
            ];
            let service = |index: usize| {
                let (name, description) = &services[index];
                let known = Some(Arc::clone(&shared.accounts));
                Arc::new(Service::new(
                    name,
                    description,
                    known,
                    &shared.events,
                    seed,
                    is_strict,
                ))
            };
            let (gateway_service, registry_service) = (service(0), service(1));
            let control = Arc::new(Control {
                state: shared,
                services,
            });
            let gateway = server::serve(
                gateway,
                gateway_service,
                Arc::clone(&control),
                stopped.clone(),
            );
            let registry = server::serve(registry, registry_service, control, stopped);
            let _ = tokio::join!(gateway, registry);
        })?;
        Ok(Cloud {
            gateway_url: format!("http://{gateway_address}"),
            registry_url: format!("http://{registry_address}"),
            state,
            #[cfg(feature = "client")]
            seed,
            _stop: stop,
        })
    }
}
