//! How much of a document has come, as a line that a person watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line on standard error, only if that is a terminal, and gone when it is dropped.
pub(super) fn start(length: Option<u64>) -> ProgressBar {
    start_on(ProgressDrawTarget::stderr(), length)
}

fn start_on(target: ProgressDrawTarget, length: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(length, target);
    let template = match length {
        Some(_) => "{bytes} of {total_bytes}",
        None => "{bytes}",
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::TermLike;
    use std::io::Result;
    use std::process::Command;
    use std::sync::{Arc, Mutex};

    /// A terminal that remembers what was written on it.
    #[derive(Clone, Debug, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            80
        }

        fn move_cursor_up(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> Result<()> {
            Ok(())
        }

        fn flush(&self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_terminal_shows_how_much_has_come() {
        for (length, shown) in [(Some(4096), "2.00 KiB of 4.00 KiB"), (None, "2.00 KiB")] {
            let paper = Paper::default();
            let target = ProgressDrawTarget::term_like(Box::new(paper.clone()));
            let bar = start_on(target, length);
            bar.set_position(2048);
            bar.force_draw();
            let written = paper.0.lock().unwrap().clone();
            assert!(written.contains(shown), "{written:?}");
        }
    }

    /// Whether standard error is a terminal can be chosen for another process only.
    #[test]
    fn a_file_or_pipe_shows_nothing() {
        const CHILD: &str = "IMPERAL_TEST_OF_PROGRESS";
        const NAME: &str = "download::progress::tests::a_file_or_pipe_shows_nothing";
        if std::env::var_os(CHILD).is_some() {
            let bar = start(Some(4096));
            bar.set_position(2048);
            bar.force_draw();
            return;
        }
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!told.contains("KiB"), "{told}");
    }
}
