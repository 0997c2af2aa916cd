//! Lists in pages against a model of a service, for every way of paging.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::{StreamExt, TryStreamExt};
use imperal_runtime::{Error, Fetched, Page, Paginate, Pagination, Paginator, Position};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};

static BY_PAGE: Pagination = Pagination::by_page("by_page", 1).size(4).largest(10);
static BY_PAGE_FROM_0: Pagination = Pagination::by_page("by_page_from_0", 0).size(4).largest(10);
static BY_OFFSET: Pagination = Pagination::by_offset("by_offset").size(4).largest(10);
static UNBOUNDED: Pagination = Pagination::by_offset("unbounded").size(4);
static SAYS_MORE: Pagination = Pagination::by_page("says_more", 1)
    .size(4)
    .more("/has_more");
static BY_CURSOR: Pagination = Pagination::by_cursor("by_cursor", "/next_cursor")
    .size(4)
    .largest(10);
static SCHEMES: [&Pagination; 6] = [
    &BY_PAGE,
    &BY_PAGE_FROM_0,
    &BY_OFFSET,
    &UNBOUNDED,
    &SAYS_MORE,
    &BY_CURSOR,
];

/// A service that lists the numbers below `total`, some of its requests failing.
#[derive(Clone, Default)]
struct Service {
    total: i64,
    /// After this many requests one fails, and then no more.
    fails_at: Option<usize>,
    asked: Arc<Mutex<Vec<Position>>>,
}

impl Service {
    fn of(total: i64) -> Self {
        Self {
            total,
            ..Self::default()
        }
    }

    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn answer(&self, pagination: &Pagination, position: &Position) -> Result<Fetched<i64>, Error> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(position.clone());
        if self.fails_at == Some(asked.len()) {
            return Err(Error::invalid_request("a fault"));
        }
        let size = position.size().unwrap();
        let from = match position.cursor() {
            Some(cursor) => cursor.strip_prefix("after ").unwrap().parse().unwrap(),
            None if *pagination == BY_CURSOR => 0,
            None if *pagination == BY_PAGE_FROM_0 => position.index() * size,
            None if *pagination == BY_OFFSET || *pagination == UNBOUNDED => position.index(),
            None => (position.index() - 1) * size,
        };
        let to = self.total.min(from + size);
        let page = Fetched::new((from..to).collect()).recognisable();
        Ok(if *pagination == SAYS_MORE {
            page.more(Some(to < self.total))
        } else if *pagination == BY_CURSOR {
            page.next_cursor((to < self.total).then(|| format!("after {to}")))
        } else {
            page
        })
    }

    fn list(&self, pagination: &'static Pagination) -> Paginator<i64> {
        let service = self.clone();
        Paginator::new(pagination, move |position| {
            let service = service.clone();
            async move {
                // A service is not always ready at once.
                tokio::task::yield_now().await;
                service.answer(pagination, &position)
            }
        })
    }
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(test)
}

/// How many requests a list takes at least, as its service says where it ends.
fn fewest(pagination: &Pagination, total: i64, size: i64) -> i64 {
    if *pagination == BY_CURSOR || *pagination == SAYS_MORE {
        // The last page says that it is.
        ((total + size - 1) / size).max(1)
    } else if *pagination == UNBOUNDED {
        // Only an empty page ends it.
        (total + size - 1) / size + 1
    } else {
        // A short page ends it, be it an empty one.
        total / size + 1
    }
}

proptest! {
    #[test]
    fn every_item_comes_once_and_with_the_fewest_requests(
        scheme in 0..SCHEMES.len(), total in 0..60_i64, size in 1..=10_i64, ahead in 0..4_usize,
    ) {
        let (pagination, service) = (SCHEMES[scheme], Service::of(total));
        let list = service.list(pagination).page_size(size).read_ahead(ahead);
        let items: Vec<i64> = run(list.items().try_collect()).unwrap();
        prop_assert_eq!(items, (0..total).collect::<Vec<_>>());
        prop_assert_eq!(i64::try_from(service.requests()).unwrap(), fewest(pagination, total, size));
    }

    /// A job that stops anywhere, by itself or by a fault, and goes on from the token that it has kept.
    #[test]
    fn who_stops_and_goes_on_loses_and_repeats_nothing(
        scheme in 0..SCHEMES.len(), total in 0..60_i64, size in 1..=10_i64,
        stops in prop::collection::vec((0..25_usize, prop::option::of(1..6_usize), any::<bool>()), 0..5),
    ) {
        let pagination = SCHEMES[scheme];
        let mut seen = Vec::new();
        let mut token = None;
        run(async {
            for (count, fails_at, by_page) in stops {
                let service = Service { fails_at, ..Service::of(total) };
                let mut list = service.list(pagination).page_size(size);
                if let Some(token) = token.take() {
                    list = list.resume_from(token);
                }
                if by_page {
                    let mut pages = list.pages();
                    let mut kept = None;
                    while let Some(Ok(page)) = pages.next().await {
                        seen.extend_from_slice(&page);
                        kept = Some(page.resume_token().clone());
                        if seen.len() > count {
                            break;
                        }
                    }
                    token = kept;
                } else {
                    let mut items = list.items();
                    for _ in 0..count {
                        let Some(Ok(item)) = items.next().await else { break };
                        seen.push(item);
                    }
                    token = items.resume_token();
                }
                if token.is_none() {
                    // Nothing was fetched: the job begins once more where it had begun.
                    seen.clear();
                }
                // What is kept is kept as text.
                let text = serde_json::to_string(&token).unwrap();
                token = serde_json::from_str(&text).unwrap();
            }
            let mut list = Service::of(total).list(pagination).page_size(size);
            if let Some(token) = token {
                list = list.resume_from(token);
            }
            seen.extend(list.items().try_collect::<Vec<_>>().await.unwrap());
        });
        prop_assert_eq!(seen, (0..total).collect::<Vec<_>>());
    }
}

#[test]
fn lists_go_between_threads_and_own_what_they_need() {
    fn goes<T: Send + Unpin + 'static>(_: &T) {}
    let service = Service::of(3);
    goes(&service.list(&BY_PAGE).pages());
    goes(&service.list(&BY_PAGE).items());
    goes(&service.list(&BY_PAGE).read_ahead(2).items());
    assert_eq!(run(service.list(&BY_PAGE).pages().items().count()), 3);
}

#[test]
fn nothing_is_fetched_before_it_is_asked_for_nor_after_the_end() {
    run(async {
        let service = Service::of(8);
        let mut pages = service.list(&BY_PAGE).pages();
        tokio::task::yield_now().await;
        assert_eq!(service.requests(), 0);
        // A `next` that is dropped half-way is taken up by the one that follows.
        assert!(futures::poll!(pages.next()).is_pending());
        assert_eq!(pages.next().await.unwrap().unwrap().items(), [0, 1, 2, 3]);
        assert_eq!(service.requests(), 1);
        assert_eq!(pages.next().await.unwrap().unwrap().len(), 4);
        assert!(pages.next().await.unwrap().unwrap().is_empty());
        assert!(pages.next().await.is_none() && pages.next().await.is_none());
        assert_eq!(service.requests(), 3);
    });
}

#[test]
fn an_error_ends_a_list() {
    for ahead in [0, 2] {
        let service = Service {
            fails_at: Some(2),
            ..Service::of(20)
        };
        let items: Vec<_> = run(service.list(&BY_OFFSET).read_ahead(ahead).items().collect());
        assert_eq!(items.len(), 5);
        assert!(items[4].is_err());
        assert_eq!(service.requests(), 2);
    }
}

#[test]
fn pages_are_fetched_ahead_up_to_the_bound() {
    run(async {
        let service = Service::of(100);
        let mut pages = service.list(&BY_PAGE).read_ahead(3).pages();
        let settle = async || {
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
        };
        settle().await;
        assert_eq!(service.requests(), 0);
        pages.next().await.unwrap().unwrap();
        settle().await;
        assert_eq!(service.requests(), 4);
        pages.next().await.unwrap().unwrap();
        settle().await;
        assert_eq!(service.requests(), 5);
        drop(pages);
        settle().await;
        assert_eq!(service.requests(), 5);
    });
}

#[test]
fn a_crash_while_fetching_ahead_is_no_end() {
    let list = Paginator::<i64>::new(&BY_PAGE, |_| async { panic!("a defect") });
    let pages: Vec<_> = run(list.read_ahead(1).pages().collect());
    assert!(
        matches!(&pages[..], [Err(error)] if error.to_string().contains("crashed")),
        "{pages:?}"
    );
}

#[test]
fn a_service_that_does_not_heed_the_place_is_noticed() {
    for pagination in [&BY_PAGE, &BY_OFFSET, &UNBOUNDED] {
        let list = Paginator::new(pagination, |_| async {
            Ok(Fetched::new(vec![1, 2, 3, 4]).recognisable())
        });
        let items: Vec<_> = run(list.items().collect());
        assert_eq!(items.len(), 5, "{pagination:?}");
        let error = items[4].as_ref().unwrap_err();
        assert!(error.is_repeated_page(), "{error}");
        assert!(error.to_string().contains("round for ever"), "{error}");
    }
}

#[test]
fn a_circle_of_cursors_is_noticed_however_long() {
    for length in 1..5 {
        let mut asked = 0;
        let list = Paginator::new(&BY_CURSOR, move |position| {
            let at = position
                .cursor()
                .map_or(0, |cursor| cursor.parse::<i32>().unwrap());
            asked += 1;
            assert!(asked < 10, "it goes round");
            async move { Ok(Fetched::new(vec![at]).next_cursor(Some(((at + 1) % length).to_string()))) }
        });
        let pages: Vec<_> = run(list.pages().collect());
        assert!(
            pages
                .last()
                .unwrap()
                .as_ref()
                .unwrap_err()
                .is_repeated_page(),
            "{length}"
        );
    }
}

#[test]
fn an_empty_page_in_the_middle_does_not_end_a_list_with_cursors() {
    let list = Paginator::new(&BY_CURSOR, |position| {
        let (items, next) = match position.cursor() {
            None => (vec![1], Some("a")),
            Some("a") => (vec![], Some("b")),
            _ => (vec![2], None),
        };
        async move { Ok(Fetched::new(items).next_cursor(next.map(str::to_owned))) }
    });
    assert_eq!(run(list.items().try_collect::<Vec<_>>()).unwrap(), [1, 2]);
}

#[test]
fn a_promise_of_more_that_is_never_kept_does_not_go_on_for_ever() {
    static OFFSET: Pagination = Pagination::by_offset("offset").size(4).more("/more");
    for pagination in [&SAYS_MORE, &OFFSET] {
        let list = Paginator::new(pagination, |_| async {
            Ok(Fetched::<i64>::new(vec![]).more(Some(true)).recognisable())
        });
        let pages: Vec<_> = run(list.pages().collect());
        assert!(
            pages
                .last()
                .unwrap()
                .as_ref()
                .unwrap_err()
                .is_repeated_page()
        );
    }
}

#[test]
fn what_cannot_be_asked_for_is_refused_before_anything_is_sent() {
    let service = Service::of(20);
    let refused = |list: Paginator<i64>| {
        let items: Vec<_> = run(list.items().collect());
        assert_eq!(items.len(), 1);
        let error = items[0].as_ref().unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        error.to_string()
    };
    assert!(refused(service.list(&BY_PAGE).page_size(0)).contains("at least 1"));
    assert!(refused(service.list(&BY_PAGE).page_size(11)).contains("at most 10"));
    let token = |pagination| {
        let mut pages = Service::of(20).list(pagination).page_size(5).pages();
        let page: Page<i64> = run(pages.next()).unwrap().unwrap();
        page.resume_token().clone()
    };
    let other = service.list(&BY_OFFSET).resume_from(token(&BY_PAGE));
    assert!(refused(other).contains("one of by_page, not of by_offset"));
    let resized = service
        .list(&BY_PAGE)
        .resume_from(token(&BY_PAGE))
        .page_size(7);
    assert!(refused(resized).contains("pages of 5"));
    let twice = service
        .list(&BY_PAGE)
        .resume_from(token(&BY_PAGE))
        .start_at(Some(3));
    assert!(refused(twice).contains("both"));
    assert_eq!(service.requests(), 0);
    // Where items are counted the size may change.
    let resized = service
        .list(&BY_OFFSET)
        .resume_from(token(&BY_OFFSET))
        .page_size(7);
    assert_eq!(
        run(resized.items().try_collect::<Vec<_>>()).unwrap(),
        (5..20).collect::<Vec<_>>()
    );
}

#[test]
fn a_list_that_was_at_its_end_has_nothing_left() {
    let service = Service::of(3);
    let page = run(service.list(&BY_PAGE).pages().next()).unwrap().unwrap();
    assert!(page.resume_token().is_at_end());
    let list = service
        .list(&BY_PAGE)
        .resume_from(page.resume_token().clone());
    assert_eq!(run(list.items().count()), 0);
    assert_eq!(service.requests(), 1);
}

/// What a service writes over any list.
#[test]
fn code_over_any_list_can_be_written() {
    async fn newest<L: Paginate>(list: L) -> Option<L::Item> {
        list.items().try_next().await.ok().flatten()
    }
    let list = |count| Service::of(count).list(&BY_PAGE);
    assert_eq!(run(newest(list(2))), Some(0));
    assert_eq!(run(Paginate::pages(list(9)).count()), 3);
    assert_eq!(run(Paginate::items(list(9).paginate()).count()), 9);
}
