//! The cloud that a test starts.

use crate::cloud_builder::CloudBuilder;
use crate::cloud_state::CloudState;
use crate::description;
use crate::exchange::Exchange;
#[cfg(feature = "client")]
use crate::expectations::ExpectationSet;
use crate::fault::Fault;
use crate::users::{Account, User};
use futures::stream::{Stream, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Both services, running on loopback until this is dropped. Any number run side by side.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = imperal_mock::Cloud::start().await;
/// assert!(cloud.gateway_url().starts_with("http://127.0.0.1:"));
/// # }
/// ```
#[must_use = "a cloud ends when it is dropped"]
pub struct Cloud {
    pub(crate) gateway_url: String,
    pub(crate) registry_url: String,
    pub(crate) state: CloudState,
    #[cfg(feature = "client")]
    pub(crate) seed: u64,
    pub(crate) _stop: watch::Sender<()>,
}

impl Cloud {
    /// Starts a cloud with one user, [`EMAIL`](crate::EMAIL) with [`PASSWORD`](crate::PASSWORD).
    ///
    /// # Panics
    ///
    /// If the machine has no free loopback port or can start no thread.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A cloud yet to be set up and started.
    pub const fn builder() -> CloudBuilder {
        CloudBuilder::new()
    }

    /// Where the Auth Gateway listens.
    pub fn gateway_url(&self) -> &str {
        &self.gateway_url
    }

    /// Where the Registry listens.
    pub fn registry_url(&self) -> &str {
        &self.registry_url
    }

    /// Moves the cloud's time forward: tokens expire without a test that sleeps. The time of the clients stays.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// let imperal = cloud.client();
    /// imperal.login().await?;
    ///
    /// cloud.advance(Duration::from_secs(16 * 60)); // longer than an access token lives
    /// imperal.gateway().auth().me().send().await?;
    /// let exchanges = cloud.exchanges();
    /// let statuses: Vec<u16> = exchanges.iter().map(|exchange| exchange.status).collect();
    /// assert_eq!(statuses, [200, 401, 200, 200]); // login, refused, refresh, answered
    /// # Ok(()) }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If it would be more than a thousand years ahead of the machine's.
    pub fn advance(&self, by: Duration) {
        let moved = self.state.clock.advance(by);
        assert!(moved, "the cloud's time cannot be moved by {by:?} more");
    }

    /// Brings the cloud back to how it was at the start: one user, no login, no API key, no device, no event, no
    /// exchange, no fault and no expectation, and the time is the machine's. Event streams that are open end.
    ///
    /// Every token that was given out is refused from then on. No token, session, key or code is given out again,
    /// and the ids of events and the numbers of exchanges go on. Requests have to be answered before: one that is
    /// under way may still change what is new.
    ///
    /// ```
    /// use imperal_mock::{Cloud, Fault};
    /// use serde_json::json;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
    /// let cloud = Cloud::start().await;
    /// cloud.advance(Duration::from_secs(960));
    /// cloud.fail_next(Fault::status(503));
    /// assert_eq!(cloud.push_event("panel_refresh", &json!({})), 1);
    ///
    /// cloud.reset();
    /// assert_eq!(cloud.push_event("panel_refresh", &json!({})), 2);
    /// let keys = format!("{}/v1/auth/.well-known/jwks.json", cloud.gateway_url());
    /// assert_eq!(reqwest::get(keys).await?.status(), 200);
    /// # Ok(()) }
    /// ```
    pub fn reset(&self) {
        self.state.reset();
    }

    /// Adds a user, who can log in from then on. Returns the id, `imp_u_` with a number.
    ///
    /// ```
    /// use imperal_mock::{Cloud, User};
    ///
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// let id = cloud.add_user(User::new("ann@example.com", "secret").role("admin"));
    ///
    /// let login = imperal::Credentials::password("ann@example.com", "secret");
    /// let ann = cloud.client_builder().credentials(login).build()?;
    /// let me = ann.gateway().auth().me().send().await?;
    /// assert_eq!(me.imperal_id, id);
    /// assert_eq!(me.role, "admin");
    /// # Ok(()) }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If the tenant has a user with this email address.
    pub fn add_user(&self, user: User) -> String {
        match self.state.accounts.users.add(user) {
            Ok(account) => account.id.clone(),
            Err(problem) => panic!("{problem}"),
        }
    }

    /// The codes of logins on another device that nobody has allowed or denied yet. A code expires after ten
    /// minutes of the cloud's time.
    pub fn pending_devices(&self) -> Vec<String> {
        let now = self.state.clock.now();
        self.state.accounts.devices.pending(now)
    }

    /// The user that is there from the start allows the login with this code, as on the platform's own page.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// let device = imperal::Credentials::device();
    /// let imperal = cloud.client_builder().credentials(device).build()?;
    ///
    /// let login = imperal.device_login().await?;
    /// assert_eq!(cloud.pending_devices(), [login.user_code()]);
    /// cloud.allow_device(login.user_code()); // `login.wait()` succeeds from now on
    /// assert!(cloud.pending_devices().is_empty());
    /// # Ok(()) }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If no login waits with this code.
    pub fn allow_device(&self, user_code: &str) {
        self.decide(user_code, Some(self.state.accounts.users.first()));
    }

    /// The user with this id, which [`add_user`](Self::add_user) returned, allows the login with this code.
    ///
    /// # Panics
    ///
    /// If there is no such user, or no login waits with this code.
    pub fn allow_device_as(&self, user_code: &str, imperal_id: &str) {
        match self.state.accounts.users.with_id(imperal_id) {
            Ok(account) => self.decide(user_code, Some(account)),
            Err(problem) => panic!("{problem}"),
        }
    }

    /// Nobody is to be logged in by this code.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// let device = imperal::Credentials::device();
    /// let imperal = cloud.client_builder().credentials(device).build()?;
    ///
    /// let login = imperal.device_login().await?;
    /// cloud.deny_device(login.user_code()); // `login.wait()` fails from now on
    /// assert!(cloud.pending_devices().is_empty());
    /// # Ok(()) }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If no login waits with this code.
    pub fn deny_device(&self, user_code: &str) {
        self.decide(user_code, None);
    }

    fn decide(&self, user_code: &str, account: Option<Arc<Account>>) {
        let (devices, now) = (&self.state.accounts.devices, self.state.clock.now());
        let waits = devices.decide(user_code, account, now);
        assert!(waits, "no login waits with the code \"{user_code}\"");
    }

    /// Lets something go wrong with the next request, or the next few. Faults wait in their order; each
    /// request meets one at most.
    ///
    /// ```
    /// use imperal_mock::{Cloud, Fault};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
    /// let cloud = Cloud::start().await;
    /// cloud.fail_next(Fault::status(503).on("GET /healthz").times(2));
    ///
    /// let health = format!("{}/healthz", cloud.gateway_url());
    /// for status in [503, 503, 200] {
    ///     assert_eq!(reqwest::get(&health).await?.status(), status);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    ///
    /// If the fault waits for a route that neither document has: it would wait for ever. If it has a status or a
    /// header that no answer can have, or its share of the requests is not from 0 to 1.
    pub fn fail_next(&self, fault: Fault) {
        if let Err(problem) = fault.check() {
            panic!("{problem}");
        }
        if let Some(route) = &fault.route {
            let known = [&description::GATEWAY, &description::REGISTRY]
                .iter()
                .any(|description| description.has_route(route));
            assert!(known, "{}", description::unknown_route(route));
        }
        self.state.faults.add(fault);
    }

    /// Forgets the faults that have not happened.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// Sends an event to all who listen, and keeps it for those who come back: who sends `Last-Event-ID` is
    /// sent what followed. The newest are kept, as many as eight megabytes hold. Returns the id.
    ///
    /// ```
    /// use futures::TryStreamExt;
    ///
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// let id = cloud.push_event("panel_refresh", &serde_json::json!({ "panels": ["inbox"] }));
    ///
    /// let mut events = cloud.client().events().resume_after("0");
    /// let event = events.try_next().await?.expect("the stream goes on");
    /// assert_eq!((event.name(), event.id()), ("panel_refresh", id.to_string().as_str()));
    /// # Ok(()) }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If the name has a line break, which would begin another field of the stream.
    pub fn push_event(&self, name: &str, data: &serde_json::Value) -> u64 {
        assert!(
            !name.contains(['\r', '\n']),
            "the name of an event has to be one line, and not {name:?}"
        );
        self.state.events.push(name, &data.to_string())
    }

    /// Ends all event streams that are open, as a service does that is replaced.
    pub fn drop_event_streams(&self) {
        self.state.events.cut_off();
    }

    /// What was asked and answered so far, in the order of the answers. The newest are kept, as many as eight
    /// megabytes hold.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// cloud.client().gateway().auth().me().send().await?;
    ///
    /// let exchanges = cloud.exchanges();
    /// let told: Vec<String> = exchanges.iter().map(ToString::to_string).collect();
    /// assert_eq!(
    ///     told,
    ///     ["gateway: POST /v1/auth/login, answered 200", "gateway: GET /v1/auth/me, answered 200"]
    /// );
    /// # Ok(()) }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state.journal.exchanges()
    }

    /// What is asked and answered from now on, until the cloud is dropped.
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// let mut exchanges = std::pin::pin!(cloud.follow());
    /// reqwest::get(format!("{}/healthz", cloud.gateway_url())).await?;
    ///
    /// let exchange = exchanges.next().await.expect("the cloud is there");
    /// assert_eq!(exchange.to_string(), "gateway: GET /healthz, answered 200");
    /// drop(cloud);
    /// assert_eq!(exchanges.next().await, None);
    /// # Ok(()) }
    /// ```
    pub fn follow(&self) -> impl Stream<Item = Exchange> + Send + 'static {
        let records = self.state.journal.follow(None);
        records.map(|record| record.exchange.clone())
    }

    /// Forgets what was asked and answered so far, and what was wrong with it.
    pub fn clear_exchanges(&self) {
        self.state.journal.clear();
    }

    /// Fails unless every request so far was one that the documents have and allow: its route, its path,
    /// query, headers, cookies and body, and that it carried a credential where one is needed.
    ///
    /// ```should_panic
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// let imperal = cloud.client();
    /// let newer = imperal.request(imperal::Method::GET, "/v1/newer/than/the/document");
    /// newer.send::<serde_json::Value>().await.unwrap_err();
    /// cloud.assert_conforms();
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() { panic!() }
    /// ```
    ///
    /// # Panics
    ///
    /// If one was not; the message lists each violation.
    pub fn assert_conforms(&self) {
        if let Some(report) = self.state.journal.report() {
            panic!("{report}");
        }
    }

    /// What the Auth Gateway is to answer, and to which requests. Expectations are tried in the order in which they
    /// were set; a request that meets none is answered as ever, and one that goes against the document is refused
    /// whatever was set.
    ///
    /// ```
    /// use futures::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// let searched = cloud.gateway().marketplace_list_apps(|when, then| {
    ///     when.search("mail");
    ///     then.json(200, &serde_json::json!({ "apps": [] }))
    /// });
    ///
    /// let imperal = cloud.client();
    /// let mut found = imperal.gateway().marketplace().list_apps().search("mail").items();
    /// assert!(found.try_next().await?.is_none());
    /// searched.assert_calls(1);
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "client")]
    pub fn gateway(&self) -> crate::gateway::Expectations<'_> {
        let description = &description::GATEWAY;
        let set = ExpectationSet::new(&self.state.expectations, "gateway", description, self.seed);
        crate::gateway::Expectations(set)
    }

    /// What the Registry is to answer, as [`gateway`](Self::gateway) says it of the Auth Gateway.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// cloud.registry().apps_get_app(|when, then| {
    ///     when.app_id("mail");
    ///     then.failure(404, "no such app")
    /// });
    ///
    /// let imperal = cloud.client();
    /// let error = imperal.registry().apps().get_app().app_id("mail").send().await.unwrap_err();
    /// assert!(error.is_not_found());
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "client")]
    pub fn registry(&self) -> crate::registry::Expectations<'_> {
        let description = &description::REGISTRY;
        let set = ExpectationSet::new(&self.state.expectations, "registry", description, self.seed);
        crate::registry::Expectations(set)
    }

    /// Forgets all expectations. How often they were met is forgotten with them.
    #[cfg(feature = "client")]
    pub fn clear_expectations(&self) {
        self.state.expectations.clear();
    }

    /// A client of this cloud with every credential: the user's password, the service token and the
    /// Registry key.
    ///
    /// # Panics
    ///
    /// Never: the cloud's own addresses are sound.
    #[cfg(feature = "client")]
    pub fn client(&self) -> imperal::Imperal {
        let client = self
            .client_builder()
            .credentials(imperal::Credentials::password(
                crate::EMAIL,
                crate::PASSWORD,
            ))
            .credentials(imperal::Credentials::service_token(crate::SERVICE_TOKEN))
            .credentials(imperal::Credentials::registry_key(crate::REGISTRY_KEY))
            .build();
        client.unwrap_or_else(|error| panic!("the cloud's own addresses are sound: {error}"))
    }

    /// A client of this cloud yet to be given credentials.
    ///
    /// ```
    /// use imperal_mock::{Cloud, SERVICE_TOKEN};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// let token = imperal::Credentials::service_token(SERVICE_TOKEN);
    /// let backend = cloud.client_builder().credentials(token).build()?;
    /// backend.gateway().events().event_stats().send().await?;
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "client")]
    pub fn client_builder(&self) -> imperal::ImperalBuilder {
        imperal::Imperal::builder()
            .gateway_url(&self.gateway_url)
            .registry_url(&self.registry_url)
    }
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Cloud")
            .field("gateway_url", &self.gateway_url)
            .field("registry_url", &self.registry_url)
            .finish_non_exhaustive()
    }
}
