//! Login on another device: RFC 8628 with PKCE, as the Auth Gateway does it.

use crate::authority::TokenAnswer;
use crate::random;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use imperal_runtime::{Error, Operation, Secret, Session, TokenEngine};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;

static AUTHORIZE: Operation = Operation::new(
    "device login",
    Method::POST,
    "/v1/auth/cli/device/authorize",
);
static TOKEN: Operation =
    Operation::new("device login", Method::POST, "/v1/auth/cli/device/token").secret_body();

/// A login that waits for someone to allow it: show them [`user_code`](Self::user_code) and
/// [`verification_url`](Self::verification_url), then [`wait`](Self::wait).
///
/// ```no_run
/// # async fn example(imperal: imperal::Imperal) -> Result<(), imperal::Error> {
/// let login = imperal.device_login().await?;
/// println!("open {} and enter {}", login.verification_url(), login.user_code());
/// login.wait().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "nothing comes of the login unless it is waited for"]
pub struct DeviceLogin {
    session: Session,
    tokens: TokenEngine,
    device_code: Secret,
    verifier: Secret,
    user_code: String,
    verification_url: String,
    expires_in: Duration,
    interval: Duration,
}

/// How long a code is good for where the service does not say.
const LIFETIME: Duration = Duration::from_secs(600);

/// How often to ask where the service does not say.
const INTERVAL: Duration = Duration::from_secs(5);

/// How long a code is waited for at most, whatever the service says.
const LONGEST_LIFETIME: Duration = Duration::from_secs(3600);

/// How long to wait at most between two questions, whatever the service says.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

#[derive(Serialize)]
struct AuthorizeBody<'a> {
    code_challenge: &'a str,
    code_challenge_method: &'a str,
}

#[derive(Deserialize)]
struct AuthorizeAnswer {
    device_code: Secret,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    expires_in: Option<u64>,
    interval: Option<u64>,
}

#[derive(Serialize)]
struct TokenBody<'a> {
    device_code: &'a Secret,
    code_verifier: &'a Secret,
}

/// Waiting is a success too, which says so in `error`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Progress {
    Done(TokenAnswer),
    Waiting { error: String },
}

impl DeviceLogin {
    /// Asks the service for a code.
    pub(crate) async fn begin(session: Session, tokens: TokenEngine) -> Result<Self, Error> {
        let verifier = URL_SAFE_NO_PAD.encode(random::bytes::<48>()?);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let body = AuthorizeBody {
            code_challenge: &challenge,
            code_challenge_method: "S256",
        };
        let answer = session
            .call_json::<_, AuthorizeAnswer>(&AUTHORIZE, &body)
            .await?
            .into_inner();
        let seconds = |given: Option<u64>, usual: Duration, longest: Duration| {
            given
                .map_or(usual, Duration::from_secs)
                .clamp(Duration::from_secs(1), longest)
        };
        Ok(Self {
            session,
            tokens,
            device_code: answer.device_code,
            verifier: verifier.into(),
            user_code: answer.user_code,
            verification_url: answer
                .verification_uri_complete
                .unwrap_or(answer.verification_uri),
            expires_in: seconds(answer.expires_in, LIFETIME, LONGEST_LIFETIME),
            interval: seconds(answer.interval, INTERVAL, LONGEST_INTERVAL),
        })
    }

    /// The code to enter, such as `WDBK-7Q3M`.
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// The page to enter it on. It may hold the code already.
    pub fn verification_url(&self) -> &str {
        &self.verification_url
    }

    /// How long the code is good for, from when the login began.
    pub const fn expires_in(&self) -> Duration {
        self.expires_in
    }

    /// Waits until the login is allowed. From then on the client is logged in, and its token store
    /// holds the tokens. Dropping what this returns gives the login up.
    ///
    /// # Errors
    ///
    /// [`is_logged_out`](Error::is_logged_out) if it was denied or nobody allowed it in time;
    /// [`is_token_store`](Error::is_token_store) if the tokens could not be stored: they serve this client all the
    /// same.
    pub async fn wait(self) -> Result<(), Error> {
        let answer = tokio::time::timeout(self.expires_in, self.ask())
            .await
            .unwrap_or_else(|_| Err(ended("expired_token")))?;
        // The code has done its work: its end must not cut off the storing of what it brought.
        self.tokens.adopt(answer.into()).await
    }

    /// Asks as often as the service wants, until it answers with tokens or a verdict.
    async fn ask(&self) -> Result<TokenAnswer, Error> {
        let mut interval = self.interval;
        loop {
            tokio::time::sleep(interval).await;
            let body = TokenBody {
                device_code: &self.device_code,
                code_verifier: &self.verifier,
            };
            match self
                .session
                .call_json::<_, Progress>(&TOKEN, &body)
                .await
                .map(imperal_runtime::Answer::into_inner)
            {
                Ok(Progress::Done(answer)) => return Ok(answer),
                Ok(Progress::Waiting { error }) if error == "authorization_pending" => {}
                Ok(Progress::Waiting { error }) if error == "slow_down" => interval += INTERVAL,
                Ok(Progress::Waiting { error }) => return Err(ended(&error)),
                Err(error) if error.is_configuration() || error.is_invalid_request() => {
                    return Err(error);
                }
                Err(error) if is_verdict(&error) => {
                    let reason = error.body_as::<Reason>();
                    return Err(ended(&reason.map(|body| body.error).unwrap_or_default()));
                }
                // A gateway that is away, and a page in its place, have not ended anything.
                Err(error) => tracing::debug!(%error, "the device login asks again"),
            }
        }
    }
}

/// The end of a login, with the service's `reason` in words.
fn ended(reason: &str) -> Error {
    Error::logged_out(match reason {
        "access_denied" => "the device login was denied",
        "expired_token" => "nobody allowed the device login in time",
        _ => "the service ended the device login",
    })
}

/// Whether the service has refused the login, and not just this question.
fn is_verdict(error: &Error) -> bool {
    let status = error.status();
    status.is_some_and(|status| status.is_client_error()) && !error.is_retryable()
}

#[derive(Deserialize)]
struct Reason {
    error: String,
}
