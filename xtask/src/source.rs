//! Gets the bytes of a document from where it is.

use crate::Failure;
use imperal_build_support::SIZE_LIMIT;
use std::path::PathBuf;
use std::time::Duration;

/// A document as it was served.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) bytes: Vec<u8>,
    pub(crate) etag: Option<String>,
}

/// Where a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Url(String),
    File(PathBuf),
}

impl Source {
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Url(url) => url.clone(),
            Self::File(path) => path.display().to_string(),
        }
    }

    pub(crate) async fn get(&self) -> Result<Served, Failure> {
        match self {
            Self::File(path) => Ok(Served {
                bytes: crate::workspace::read(path)?,
                etag: None,
            }),
            Self::Url(url) => download(url).await,
        }
    }
}

async fn download(url: &str) -> Result<Served, Failure> {
    let failed = |problem: String| Failure::Other(format!("{url}: {problem}; nothing was changed"));
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(30))
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let mut answer = client.get(url).send().await.map_err(|error| {
        failed(format!(
            "no answer came ({error}): check the address and the network"
        ))
    })?;
    if !answer.status().is_success() {
        return Err(failed(format!(
            "answered {}: check the address",
            answer.status()
        )));
    }
    let etag = answer
        .headers()
        .get("etag")
        .and_then(|etag| etag.to_str().ok())
        .map(str::to_owned);
    let mut bytes = Vec::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|error| failed(format!("the answer broke off: {error}")))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > SIZE_LIMIT {
            return Err(failed(format!("is larger than {SIZE_LIMIT} bytes")));
        }
    }
    Ok(Served { bytes, etag })
}
