//! The page of the cloud, in a real browser.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_mock::Cloud;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Chromium, spoken to over two pipes.
struct Browser {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last: u64,
    session: Value,
    _profile: tempfile::TempDir,
}

const START: &str = "exec chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
     --remote-debugging-pipe --user-data-dir=\"$1\" about:blank 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// How often a page is looked at before it is given up, 50 ms apart by its own clock.
const LOOKS: usize = 400;

impl Browser {
    /// Opens a page; none if there is no browser.
    fn open(url: &str) -> Option<Self> {
        let found = Command::new("sh")
            .args(["-c", "command -v chromium"])
            .output();
        if !found.is_ok_and(|found| found.status.success()) {
            // Past what the test harness keeps to itself of tests that pass.
            let _ = writeln!(std::io::stderr(), "skipped: there is no chromium");
            return None;
        }
        let profile = tempfile::tempdir().unwrap();
        let mut process = Command::new("sh")
            .args(["-c", START, "sh"])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut browser = Self {
            to: process.stdin.take().unwrap(),
            from: BufReader::new(process.stdout.take().unwrap()),
            process,
            last: 0,
            session: Value::Null,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({ "url": url }));
        let attach = json!({ "targetId": target["result"]["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", &attach);
        browser.session = attached["result"]["sessionId"].clone();
        Some(browser)
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if self.session.is_string() {
            message["sessionId"] = self.session.clone();
        }
        self.to
            .write_all(format!("{message}\0").as_bytes())
            .unwrap();
        loop {
            let mut answer = Vec::new();
            let read = self.from.read_until(0, &mut answer).unwrap();
            assert!(read > 0, "the browser has ended");
            answer.pop();
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            if answer["id"] == self.last {
                return answer;
            }
        }
    }

    /// Waits until an expression holds on the page.
    fn wait_for(&mut self, expression: &str) {
        let later =
            format!("new Promise(done => setTimeout(() => done(Boolean({expression})), 50))");
        let look = json!({ "expression": later, "awaitPromise": true, "returnByValue": true });
        for _ in 0..LOOKS {
            // A page that is being replaced answers with an error: not yet.
            let seen = self.call("Runtime.evaluate", &look);
            if seen["result"]["result"]["value"] == true {
                return;
            }
        }
        panic!("never came true: {expression}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const ROWS: &str = "document.querySelectorAll('#exchanges > li')";

#[tokio::test]
async fn exchanges_appear_as_they_come_and_markup_stays_text() {
    let cloud = Cloud::start().await;
    let Some(mut browser) = Browser::open(&format!("{}/__mock/", cloud.gateway_url())) else {
        return;
    };
    browser.wait_for("document.querySelector('#state').dataset.state === 'live'");
    browser.wait_for("document.querySelectorAll('[data-route]').length > 190");

    let client = reqwest::Client::new();
    let login = format!("{}/v1/auth/login", cloud.gateway_url());
    let hostile = json!({ "email": "<img src=x onerror=document.title='run'>", "password": 5 });
    client.post(&login).json(&hostile).send().await.unwrap();
    browser.wait_for(&format!("{ROWS}.length === 1"));
    browser.wait_for(&format!("{ROWS}[0].dataset.status === '422'"));
    browser.wait_for(&format!("{ROWS}[0].dataset.violations > 0"));
    browser.wait_for(&format!(
        "({ROWS}[0].querySelector('summary').click(), {ROWS}[0].textContent.includes('<img'))"
    ));
    browser.wait_for("document.querySelectorAll('img').length === 0 && document.title !== 'run'");

    let keys = format!("{}/v1/auth/.well-known/jwks.json", cloud.gateway_url());
    client.get(&keys).send().await.unwrap();
    browser.wait_for(&format!(
        "{ROWS}.length === 2 && {ROWS}[0].dataset.status === '200'"
    ));

    browser.wait_for("(document.querySelector('#advance').click(), true)");
    browser.wait_for("/16/.test(document.querySelector('#moved').textContent)");
}
