//! An expectation that was set, and how often it was met.

use super::Expectations;
use httpmock::Mock;

/// What was said that an operation answers. It holds until it is [removed](Self::remove), has been met as often as
/// it was to be, or its cloud ends; dropping this value changes nothing.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
/// let cloud = imperal_mock::Cloud::start().await;
/// let imperal = cloud.client();
/// let searched = cloud.gateway().marketplace_list_apps(|when, _| when.search("mail"));
///
/// imperal.gateway().marketplace().list_apps().search("mail").send().await?;
/// imperal.gateway().marketplace().list_apps().search("calendar").send().await?;
/// searched.assert_calls(1);
/// # Ok(()) }
/// ```
pub struct Expectation<'a> {
    mock: Mock<'a>,
    expectations: &'a Expectations,
    number: usize,
    route: &'static str,
}

impl<'a> Expectation<'a> {
    pub(super) const fn new(
        mock: Mock<'a>,
        expectations: &'a Expectations,
        number: usize,
        route: &'static str,
    ) -> Self {
        Self {
            mock,
            expectations,
            number,
            route,
        }
    }

    /// How many requests have met it so far.
    ///
    /// # Panics
    ///
    /// If it was forgotten, by [`Cloud::clear_expectations`](crate::Cloud::clear_expectations) or
    /// [`Cloud::reset`](crate::Cloud::reset).
    pub fn calls(&self) -> usize {
        self.assert_is_there();
        self.mock.calls()
    }

    /// Fails unless just as many requests have met it so far.
    ///
    /// # Panics
    ///
    /// If there were more, or fewer; the message shows the request that came closest. As for
    /// [`calls`](Self::calls) as well.
    pub fn assert_calls(&self, count: usize) {
        self.assert_is_there();
        self.mock.assert_calls(count);
    }

    /// Takes it away: requests are answered as if it had never been.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// let imperal = cloud.client();
    /// let refused = cloud.gateway().auth_me(|_, then| then.failure(403, "not now"));
    /// assert!(imperal.gateway().auth().me().send().await.is_err());
    ///
    /// refused.remove();
    /// imperal.gateway().auth().me().send().await?;
    /// # Ok(()) }
    /// ```
    pub fn remove(mut self) {
        self.expectations.forget(self.number);
        self.mock.delete();
    }

    fn assert_is_there(&self) {
        assert!(
            self.expectations.has(self.number),
            "the expectation for {} was forgotten, by a reset or with all others: ask for its calls before",
            self.route
        );
    }
}

impl std::fmt::Debug for Expectation<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Expectation")
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}
