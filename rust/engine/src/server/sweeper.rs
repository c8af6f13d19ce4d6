//! The thread that tidies up: cursors and sessions nobody uses, and documents
//! whose time to live is over.

use std::time::Duration;

use mongolane_bson::{Document, Value};

use super::{State, clock};
use crate::query::Matcher;
use crate::storage::{Plan, Slot};

const EVERY: Duration = Duration::from_secs(1);

/// Tidies up every second until the server stops.
pub fn sweep(state: &State) {
    while state.sleep(EVERY) {
        state.cursors.sweep();
        state.sessions.sweep();
        for database in state.catalog.database_names() {
            for slot in state.catalog.collections(&database).values() {
                expire(slot);
            }
        }
    }
}

fn expire(slot: &Slot) {
    let limits: Vec<_> = {
        let content = slot.content.read();
        content
            .indexes()
            .iter()
            .filter_map(|i| {
                let seconds = i.spec.expire_after?;
                Some((i.paths().first()?.as_str().to_owned(), seconds))
            })
            .collect()
    };
    for (field, seconds) in limits {
        let limit = clock::now_millis() - seconds * 1000;
        expire_before(slot, &field, limit);
    }
}

fn expire_before(slot: &Slot, field: &str, limit: i64) {
    let mut condition = Document::new();
    condition.push("$lte", Value::DateTime(limit));
    let mut filter = Document::new();
    filter.push(field, condition);
    let Ok(matcher) = Matcher::parse(&filter) else {
        return;
    };
    let mut content = slot.content.write();
    if content.dropped {
        return;
    }
    for record in Plan::choose(&content, &matcher).records(&content) {
        let expired = content
            .get(record)
            .is_some_and(|bytes| matches!(matcher.find(&crate::path::Raw(bytes)), Ok(Some(_))));
        if expired {
            content.remove(record);
        }
    }
}
