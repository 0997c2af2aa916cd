//! Lists of every style that services page by, over the generated builders.

use futures::{StreamExt, TryStreamExt};
use imperal_generated_tests::paging::{Client, types::Item};
use imperal_generated_tests::recording::{Recording, Sent};
use imperal_runtime::{Error, Paginate};
use serde_json::{Value, json};

const TOTAL: i64 = 23;

/// The items from `from` on that a service gives where it is asked for `size`.
fn part(from: i64, size: i64) -> Value {
    (from..TOTAL.min(from + size))
        .map(|id| json!({ "id": id }))
        .collect()
}

fn number(sent: &Sent, name: &str) -> Option<i64> {
    sent.query(name).map(|text| text.parse().unwrap())
}

fn answer(sent: &Sent) -> Value {
    let number = |name| number(sent, name);
    let path = sent.target.split('?').next().unwrap();
    match path.strip_prefix("/base/lists/").unwrap() {
        "by-page" => {
            let (page, size) = (number("page").unwrap(), number("size").unwrap());
            let items = part((page - 1) * size, size);
            json!({ "items": items, "total": TOTAL, "page": page, "size": size, "pages": 1 })
        }
        "from-zero" => {
            let (page, limit) = (number("page").unwrap(), number("limit").unwrap());
            part(page * limit, limit)
        }
        "skipping" => part(number("skip").unwrap(), number("limit").unwrap()),
        "optional" => part(number("offset").unwrap_or(0), number("limit").unwrap_or(3)),
        "clashing" => {
            assert_eq!(sent.query("items").as_deref(), Some("a"));
            assert_eq!(sent.query("pages").as_deref(), Some("b"));
            assert_eq!(sent.query("position").as_deref(), Some("c"));
            part(number("offset").unwrap(), number("limit").unwrap())
        }
        "cursors" => {
            let (from, limit) = (number("cursor").unwrap_or(0), number("limit").unwrap());
            let next = (from + limit < TOTAL).then(|| (from + limit).to_string());
            json!({ "data": part(from, limit), "has_more": next.is_some(), "next_cursor": next })
        }
        "links" => {
            let from = sent.query("cursor").filter(|cursor| !cursor.is_empty());
            let from = from.map_or(0, |cursor| cursor.parse().unwrap());
            let next = if from + 10 < TOTAL {
                (from + 10).to_string()
            } else {
                String::new()
            };
            json!({ "items": part(from, 10), "next": next })
        }
        "required" => {
            let (page, size) = (number("page").unwrap(), number("per_page").unwrap());
            json!({ "results": part((page - 1) * size, size), "has_next": page * size < TOTAL })
        }
        "two-lists" => {
            let (page, size) = (number("page").unwrap(), number("per_page").unwrap());
            json!({ "items": part((page - 1) * size, size), "problems": [{ "message": "m" }] })
        }
        "either" => {
            let (page, size) = (number("page").unwrap(), number("per_page").unwrap());
            let apps = part((page - 1) * size, size);
            if page % 2 == 0 {
                apps
            } else {
                json!({ "apps": apps })
            }
        }
        other => panic!("{other}"),
    }
}

fn client() -> (Client, Recording) {
    let recording = Recording::playing(answer);
    (Client::new(recording.session(|builder| builder)), recording)
}

/// Reads a whole list, and how many requests that took.
async fn read<L: Paginate<Item = Item>>(list: L, recording: &Recording) -> usize {
    let before = recording.all().len();
    let items: Vec<Item> = list.items().try_collect().await.unwrap();
    let ids: Vec<i64> = items.into_iter().map(|item| item.id).collect();
    assert_eq!(ids, (0..TOTAL).collect::<Vec<_>>());
    recording.all().len() - before
}

#[tokio::test]
async fn every_style_is_recognised_and_read_to_its_end() {
    let (client, recording) = client();
    let lists = || client.lists();
    // The largest page is asked for where the document names it, else the default, else 50.
    assert_eq!(read(lists().by_page(), &recording).await, 1);
    assert_eq!(recording.last().query("size").as_deref(), Some("100"));
    assert_eq!(read(lists().by_page().size(10), &recording).await, 3);
    assert_eq!(read(lists().from_zero(), &recording).await, 3);
    assert_eq!(read(lists().skipping(), &recording).await, 5);
    assert_eq!(read(lists().optional(), &recording).await, 3);
    assert_eq!(recording.last().query("limit").as_deref(), Some("8"));
    assert_eq!(read(lists().cursors(), &recording).await, 3);
    assert_eq!(read(lists().links(), &recording).await, 3);
    assert_eq!(read(lists().required(), &recording).await, 4);
    assert_eq!(read(lists().two_lists(), &recording).await, 3);
    assert_eq!(read(lists().either(), &recording).await, 3);
    let clashing = lists()
        .clashing()
        .query_items("a")
        .query_pages("b")
        .position("c");
    assert_eq!(read(clashing, &recording).await, 3);
}

#[tokio::test]
async fn a_list_begins_where_its_arguments_say() {
    let (client, recording) = client();
    let ids = async |items: imperal_runtime::Items<Item>| {
        let items: Vec<Item> = items.try_collect().await.unwrap();
        items.first().map(|item| item.id)
    };
    assert_eq!(
        ids(client.lists().by_page().page(2).size(5).items()).await,
        Some(5)
    );
    assert_eq!(
        ids(client.lists().from_zero().page(2).items()).await,
        Some(20)
    );
    assert_eq!(
        ids(client.lists().skipping().skip(9).items()).await,
        Some(9)
    );
    assert_eq!(
        ids(client.lists().optional().offset(4).items()).await,
        Some(4)
    );
    assert_eq!(
        ids(client.lists().required().page(2).items()).await,
        Some(6)
    );
    assert_eq!(
        ids(client.lists().cursors().cursor("7".to_owned()).items()).await,
        Some(7)
    );
    drop(recording);
}

#[tokio::test]
async fn pages_say_what_the_service_says_of_them() {
    let (client, _) = client();
    let mut pages = client.lists().by_page().paginate().page_size(20).pages();
    let first = pages.try_next().await.unwrap().unwrap();
    assert_eq!((first.len(), first.total()), (20, Some(23)));
    assert_eq!(first.headers()["content-type"], "application/json");
    let token = serde_json::to_string(first.resume_token()).unwrap();
    // Another process goes on.
    let token = serde_json::from_str(&token).unwrap();
    let others = client
        .lists()
        .by_page()
        .paginate()
        .resume_from(token)
        .items();
    let others: Vec<Item> = others.try_collect().await.unwrap();
    assert_eq!(
        others.iter().map(|item| item.id).collect::<Vec<_>>(),
        [20, 21, 22]
    );
}

#[tokio::test]
async fn a_page_that_is_larger_than_the_service_gives_is_refused() {
    let (client, recording) = client();
    let too_large = |error: Error| assert!(error.to_string().contains("at most 10"), "{error}");
    too_large(
        client
            .lists()
            .cursors()
            .limit(11)
            .items()
            .try_next()
            .await
            .unwrap_err(),
    );
    let list = client.lists().cursors().paginate().page_size(11);
    too_large(list.pages().try_next().await.unwrap_err());
    assert!(recording.all().is_empty());
}

#[tokio::test]
async fn an_argument_that_is_none_is_named_when_the_list_is_read() {
    let (client, recording) = client();
    let list = client.lists().required().page(u64::MAX).items();
    let outcome: Vec<_> = list.collect().await;
    assert!(
        matches!(&outcome[..], [Err(error)] if error.to_string().contains("page")),
        "{outcome:?}"
    );
    assert!(recording.all().is_empty());
}

#[tokio::test]
async fn a_page_is_handed_out_before_it_is_told_that_no_way_leads_on() {
    for (more, cursor) in [(true, None), (true, Some("0"))] {
        let recording = Recording::playing(move |sent| {
            let next = cursor
                .or(sent.query("cursor").is_none().then_some("0"))
                .filter(|_| cursor.is_some());
            json!({ "data": part(0, 10), "has_more": more, "next_cursor": next })
        });
        let client = Client::new(recording.session(|builder| builder));
        let mut items = client.lists().cursors().paginate().page_size(10).items();
        let mut taken = 0;
        let error = loop {
            match items.next().await {
                Some(Ok(_)) => taken += 1,
                Some(Err(error)) => break error,
                None => panic!("the list did not end, it broke off"),
            }
        };
        assert!(error.is_repeated_page(), "{error}");
        // Every page that came, whole: the way is lost behind it, not in it.
        assert_eq!(taken, 10 * recording.all().len());
        assert!(items.next().await.is_none());
    }
}
