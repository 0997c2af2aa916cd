//! Runs what may panic.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs `work`. A panic becomes an error with its text, and is kept off the terminal.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    // The hook is the process's: whoever finds it silenced already leaves it to who did that.
    static SILENCED: AtomicBool = AtomicBool::new(false);
    let first = !SILENCED.swap(true, Ordering::AcqRel);
    let hook = first.then(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        hook
    });
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(work));
    if let Some(hook) = hook {
        std::panic::set_hook(hook);
        SILENCED.store(false, Ordering::Release);
    }
    outcome.map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        text.unwrap_or("the generator gave up").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::quietly;

    #[test]
    fn a_panic_is_an_error_with_its_text() {
        assert_eq!(quietly(|| 1), Ok(1));
        let nested = quietly(|| quietly(|| -> u8 { panic!("inner {}", 1) }));
        assert_eq!(nested, Ok(Err("inner 1".to_owned())));
    }
}
