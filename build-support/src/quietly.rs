//! Runs what may panic.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::sync::Once;

thread_local! {
    /// How many calls of [`quietly`] this thread is inside of.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Runs `work`. A panic becomes an error with its text, and is kept off the terminal.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    be_quiet_inside();
    DEPTH.set(DEPTH.get() + 1);
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    outcome.map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        text.unwrap_or("the generator gave up").to_owned()
    })
}

/// The hook is the process's, and other threads may panic in earnest meanwhile. So it is put in place
/// once, stays, and asks where it is called: threads that put hooks in place and took them back would
/// silence each other for good.
fn be_quiet_inside() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // A thread that is ending has no depth any more.
            if DEPTH.try_with(Cell::get).unwrap_or(0) == 0 {
                before(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::quietly;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_panic_is_an_error_with_its_text() {
        assert_eq!(quietly(|| 1), Ok(1));
        let nested = quietly(|| quietly(|| -> u8 { panic!("inner {}", 1) }));
        assert_eq!(nested, Ok(Err("inner 1".to_owned())));
    }

    /// The panics that reached the terminal are counted by a hook of the test's own, which is there before
    /// the first call: so it runs in a process of its own.
    #[test]
    fn threads_are_quiet_and_loud_each_for_itself() {
        static LOUD: AtomicUsize = AtomicUsize::new(0);
        const CHILD: &str = "IMPERAL_TEST_OF_QUIET_THREADS";
        const NAME: &str = "quietly::tests::threads_are_quiet_and_loud_each_for_itself";
        if std::env::var_os(CHILD).is_none() {
            let own = std::env::current_exe().expect("a test is a program");
            let status = std::process::Command::new(own)
                .args(["--exact", NAME, "--quiet"])
                .env(CHILD, "1")
                .status();
            assert!(status.expect("a program that runs").success());
            return;
        }
        std::panic::set_hook(Box::new(|_| {
            LOUD.fetch_add(1, Ordering::SeqCst);
        }));
        // Both are inside, the one that came first leaves first, and the other panics after that.
        let (inside, left) = (Barrier::new(2), Barrier::new(2));
        std::thread::scope(|threads| {
            threads.spawn(|| {
                let first = quietly(|| {
                    inside.wait();
                });
                assert_eq!(first, Ok(()));
                left.wait();
            });
            let second = quietly(|| {
                inside.wait();
                left.wait();
                panic!("second");
            });
            assert_eq!(second, Err::<(), _>("second".to_owned()));
        });
        assert_eq!(LOUD.load(Ordering::SeqCst), 0);
        // What panics outside is as loud as before.
        let outside = std::thread::spawn(|| panic!("loud")).join();
        assert!(outside.is_err());
        assert_eq!(LOUD.load(Ordering::SeqCst), 1);
    }
}
