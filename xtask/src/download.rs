//! Gets a document over HTTP: only if it has changed, again if the failure may be temporary, and never without
//! end.
//!
//! The server is not trusted: it can be slow, silent, endless, or send the request elsewhere. Each
//! of these has a limit here, so that nobody after this has to think of it.

mod progress;
mod retry;

use crate::Failure;
use crate::address::{is_loopback, redirect_problem, shown};
use imperal_build_support::SIZE_LIMIT;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use retry::{Again, retry_after};
use std::error::Error as _;
use std::time::Duration;

/// A longer one is not kept: no server needs it, and it would stand in the lock.
const VALIDATOR_LIMIT: usize = 500;

const USER_AGENT: &str = concat!("imperal-xtask/", env!("CARGO_PKG_VERSION"));

const CHECK_ADDRESS: &str = "check the address, or give another with --from";
const CHECK_NETWORK: &str =
    "check the address and the network, or give a downloaded copy with --from FILE --only NAME";
const TRY_LATER: &str = "try again later, or give a downloaded copy with --from FILE --only NAME";
const BY_HAND: &str = "if the address is right, download the document as someone who may read it, and give it with \
                       --from FILE --only NAME";

/// What a document costs at most. A parameter, so that tests neither wait nor send megabytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) attempts: u32,
    /// The pause before the second attempt; each further one is twice as long.
    pub(crate) first_pause: Duration,
    /// The longest pause, also where the server asks for one.
    pub(crate) longest_pause: Duration,
    /// How long to wait when a pause of a length is due: as long as that, except in tests.
    pub(crate) wait: fn(Duration) -> Duration,
    /// How long connecting may take.
    pub(crate) connection: Duration,
    /// How long the server may be silent.
    pub(crate) silence: Duration,
    /// How long everything may take for one document, with all attempts and pauses.
    pub(crate) total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            size: SIZE_LIMIT,
            attempts: 3,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            wait: std::convert::identity,
            connection: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            total: Duration::from_secs(300),
        }
    }
}

/// What a server can tell by, when it is asked again, whether a document has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// A document as it was served.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) bytes: Vec<u8>,
    pub(crate) validators: Validators,
}

/// Why an attempt failed.
#[derive(Debug)]
struct Trouble {
    problem: String,
    remedy: &'static str,
    again: Again,
}

/// Gets the document at `url`, or nothing if it is still what `known` describes.
pub(crate) async fn get(
    url: &Url,
    known: &Validators,
    limits: &Limits,
) -> Result<Option<Served>, Failure> {
    let attempts = tokio::time::timeout(limits.total, attempts(url, known, limits));
    attempts.await.unwrap_or_else(|_| {
        Err(Failure::Other(format!(
            "{}: was not here after {:?}; {CHECK_NETWORK}",
            shown(url),
            limits.total
        )))
    })
}

async fn attempts(
    url: &Url,
    known: &Validators,
    limits: &Limits,
) -> Result<Option<Served>, Failure> {
    let shown = shown(url);
    let client = client(url, limits)
        .map_err(|error| Failure::Other(format!("{shown}: cannot be asked: {}", causes(error))))?;
    let mut attempt = 1;
    loop {
        let trouble = match once(&client, url, known, limits.size).await {
            Ok(served) => return Ok(served),
            Err(trouble) => trouble,
        };
        let Some(pause) = limits.pause(attempt, trouble.again) else {
            return Err(trouble.failure(&shown, attempt));
        };
        eprintln!("{shown}: {}; trying again in {pause:?}", trouble.problem);
        tokio::time::sleep((limits.wait)(pause)).await;
        attempt += 1;
    }
}

impl Trouble {
    fn failure(&self, shown: &str, attempt: u32) -> Failure {
        let problem = &self.problem;
        let times = if attempt > 1 {
            format!(" (asked {attempt} times)")
        } else {
            String::new()
        };
        let remedy = match self.again {
            Again::After(asked) => format!("the server asks to wait {asked:?}: try again then"),
            Again::Never | Again::Soon => self.remedy.to_owned(),
        };
        Failure::Other(format!("{shown}: {problem}{times}; {remedy}"))
    }
}

/// A client for `url`. Nothing is decompressed, whatever reqwest was built with: the size limit
/// counts the bytes that arrive, and a few of them can unpack to any number.
fn client(url: &Url, limits: &Limits) -> reqwest::Result<Client> {
    let from_loopback = is_loopback(url);
    let redirects = Policy::custom(move |attempt| {
        let problem = redirect_problem(attempt.url(), attempt.previous().len(), from_loopback);
        match problem {
            Some(problem) => attempt.error(problem),
            None => attempt.follow(),
        }
    });
    let builder = Client::builder()
        .connect_timeout(limits.connection)
        .read_timeout(limits.silence)
        .redirect(redirects)
        .referer(false)
        .user_agent(USER_AGENT)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    // A proxy's loopback is another machine's.
    let builder = if from_loopback {
        builder.no_proxy()
    } else {
        builder
    };
    builder.build()
}

async fn once(
    client: &Client,
    url: &Url,
    known: &Validators,
    size: u64,
) -> Result<Option<Served>, Trouble> {
    let mut request = client
        .get(url.clone())
        .header(ACCEPT, "application/json")
        .header(ACCEPT_ENCODING, "identity");
    for (name, value) in [
        (IF_NONE_MATCH, &known.etag),
        (IF_MODIFIED_SINCE, &known.last_modified),
    ] {
        // The lock is a file that people edit: what fits no header is as good as not there.
        if let Some(value) = value
            && let Ok(value) = HeaderValue::from_str(value)
        {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.map_err(not_sent)?;
    match answer.status() {
        StatusCode::OK => read(answer, size).await.map(Some),
        StatusCode::NOT_MODIFIED if *known != Validators::default() => Ok(None),
        status => Err(refused(status, answer.headers())),
    }
}

fn not_sent(error: reqwest::Error) -> Trouble {
    let (again, remedy) = if error.is_redirect() || error.is_builder() {
        (Again::Never, CHECK_ADDRESS)
    } else {
        (Again::Soon, CHECK_NETWORK)
    };
    Trouble {
        problem: format!("cannot be fetched: {}", causes(error)),
        remedy,
        again,
    }
}

fn refused(status: StatusCode, headers: &HeaderMap) -> Trouble {
    let (again, remedy) = match status.as_u16() {
        408 | 425 | 429 | 500..=599 => {
            let again = retry_after(headers).map_or(Again::Soon, Again::After);
            (again, TRY_LATER)
        }
        401 | 403 | 407 => (Again::Never, BY_HAND),
        _ => (Again::Never, CHECK_ADDRESS),
    };
    Trouble {
        problem: format!("answered {status}"),
        remedy,
        again,
    }
}

/// Reads the body, of at most `size` bytes.
async fn read(mut answer: Response, size: u64) -> Result<Served, Trouble> {
    let unusable = |problem: String| Trouble {
        problem,
        remedy: CHECK_ADDRESS,
        again: Again::Never,
    };
    let encoding = text(answer.headers(), CONTENT_ENCODING);
    if let Some(encoding) = encoding.filter(|name| !name.eq_ignore_ascii_case("identity")) {
        return Err(unusable(format!(
            "answered with a compressed document ({encoding}), which was not asked for"
        )));
    }
    let too_large = || unusable(format!("is larger than {size} bytes"));
    let length = answer.content_length();
    if length.is_some_and(|length| length > size) {
        return Err(too_large());
    }
    let validators = Validators {
        etag: validator(answer.headers(), ETAG),
        last_modified: validator(answer.headers(), LAST_MODIFIED),
    };
    let progress = progress::start(length);
    let mut bytes = Vec::new();
    loop {
        let chunk = match answer.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(error) => {
                let expected = length.map(|length| format!(" of {length}"));
                return Err(Trouble {
                    problem: format!(
                        "the answer broke off after {}{} bytes: {}",
                        bytes.len(),
                        expected.unwrap_or_default(),
                        causes(error)
                    ),
                    remedy: TRY_LATER,
                    again: Again::Soon,
                });
            }
        };
        if bytes.len() as u64 + chunk.len() as u64 > size {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
        progress.set_position(bytes.len() as u64);
    }
    Ok(Served { bytes, validators })
}

fn validator(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    text(headers, name).filter(|text| text.len() <= VALIDATOR_LIMIT)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The error and its causes, without the address: every message starts with that.
fn causes(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
