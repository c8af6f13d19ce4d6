//! `find`.

use std::borrow::Cow;

use mongolane_bson::{Document, Value, document};

use super::cursor::first_batch;
use super::search::{in_order, search, stored, variables, visit};
use super::{Call, geo_near};
use crate::expression::unavailable;
use crate::path::Source;
use crate::query::{Match, Matcher, Projection, Sort, is_truthy};
use crate::server::Cursor;
use crate::storage::{Bytes, Collection, Namespace, RecordId};
use crate::wire::Reply;
use crate::{Error, Result, text};

/// What `find` knows; some of it only to refuse it by name.
pub(crate) const FIELDS: &[&str] = &[
    "filter",
    "sort",
    "projection",
    "hint",
    "skip",
    "limit",
    "batchSize",
    "singleBatch",
    "let",
    "collation",
    "allowDiskUse",
    "noCursorTimeout",
    "allowPartialResults",
    "max",
    "min",
    "returnKey",
    "showRecordId",
    "tailable",
    "awaitData",
    "oplogReplay",
];
const REFUSED: [&str; 7] = [
    "max",
    "min",
    "returnKey",
    "showRecordId",
    "tailable",
    "awaitData",
    "oplogReplay",
];

/// What is searched, in what order, and what is shown of it.
pub(crate) struct Query {
    pub(crate) matcher: Matcher,
    pub(crate) sort: Sort,
    pub(crate) projection: Option<Projection>,
    pub(crate) skip: usize,
    pub(crate) limit: usize,
    pub(crate) reverse: bool,
}

impl Source for Found {
    fn field(&self, name: &str) -> Option<Cow<'_, Value>> {
        match name {
            text::SCORE => self
                .matched
                .score
                .map(|score| Cow::Owned(Value::Double(score))),
            _ => document::field(&self.bytes, name)
                .ok()
                .flatten()
                .map(Cow::Owned),
        }
    }

    fn whole(&self) -> Cow<'_, Document> {
        Cow::Owned(Document::from_bytes(&self.bytes).unwrap_or_default())
    }
}

/// A document that met a filter.
pub(crate) struct Found {
    pub(crate) bytes: Bytes,
    pub(crate) matched: Match,
}

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let arguments = call.arguments;
    if let Some(refused) = REFUSED.iter().find(|key| refuses(arguments.get(key))) {
        return Err(Error::new(
            238,
            format!("find's '{refused}' is not implemented by this server"),
        ));
    }
    let namespace = call.namespace()?;
    let query = Query::parse(call, &namespace)?;
    let limit = arguments.whole("limit")?.unwrap_or(0);
    let single = limit < 0 || arguments.flag("singleBatch");
    let size = arguments.size("batchSize")?;
    let documents = query.run(call, &namespace)?;
    let keep = arguments.flag("noCursorTimeout");
    let cursor = Cursor::new(namespace.to_string(), documents, keep);
    Ok(first_batch(call, cursor, size, single))
}

fn refuses(value: Option<&Value>) -> bool {
    value.is_some_and(|value| match value {
        Value::Document(inner) => !inner.is_empty(),
        other => is_truthy(other),
    })
}

impl Query {
    pub(crate) fn parse(call: &Call<'_>, namespace: &Namespace) -> Result<Self> {
        let arguments = call.arguments;
        let variables = variables(call, namespace, arguments.get("collation"))?;
        let collation = variables.collation().cloned();
        let empty = Document::new();
        let filter = arguments.document("filter")?.unwrap_or(&empty);
        let projection = match arguments.document("projection")? {
            Some(projection) => Projection::parse(projection, variables.clone())?,
            None => None,
        };
        let sort = arguments.document("sort")?.unwrap_or(&empty);
        let natural = sort
            .get("$natural")
            .or_else(|| match arguments.get("hint") {
                Some(Value::Document(hint)) => hint.get("$natural"),
                _ => None,
            });
        Ok(Self {
            matcher: Matcher::parse_with(filter, variables)?,
            sort: if sort.contains_key("$natural") {
                Sort::default()
            } else {
                Sort::parse(sort)?.under(collation.as_ref())
            },
            projection,
            skip: arguments.size("skip")?.unwrap_or(0),
            limit: arguments.whole("limit")?.unwrap_or(0).unsigned_abs() as usize,
            reverse: natural
                .and_then(crate::number::whole_number)
                .is_some_and(|n| n < 0),
        })
    }

    fn run(&self, call: &Call<'_>, namespace: &Namespace) -> Result<Vec<Bytes>> {
        self.check_score()?;
        let Some(slot) = call.state.catalog.get(namespace) else {
            self.matcher.bind(None)?;
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        let sorted;
        {
            let content = slot.content.read();
            self.check_near(&content)?;
            let hint = call.arguments.get("hint");
            let order = in_order(&content, hint, &self.matcher, &self.sort)?;
            sorted = order.is_some();
            let enough = self.enough(sorted);
            let mut take = |_: RecordId, bytes: &Bytes, matched| {
                found.push(Found {
                    bytes: bytes.clone(),
                    matched,
                });
                Ok(found.len() < enough)
            };
            match &order {
                Some(order) => visit(call, &content, &self.matcher, order.records(&content), take)?,
                None => search(call, &content, hint, &self.matcher, &mut take)?,
            }
        }
        self.arrange(&mut found, sorted);
        self.project(found)
    }

    /// After how many documents a search may end.
    fn enough(&self, sorted: bool) -> usize {
        match self.limit {
            _ if (!self.sort.is_empty() && !sorted) || self.reverse => usize::MAX,
            _ if self.matcher.near().is_some() => usize::MAX,
            0 => usize::MAX,
            limit => limit.saturating_add(self.skip),
        }
    }

    /// Refuses to show or sort by a score that no `$text` gives.
    fn check_score(&self) -> Result<()> {
        let shown = self
            .projection
            .as_ref()
            .is_some_and(Projection::needs_score);
        if (shown || self.sort.needs_score()) && !self.matcher.needs_text_index() {
            return Err(unavailable("textScore"));
        }
        Ok(())
    }

    /// Refuses `$near` on a field that has no index for it.
    fn check_near(&self, content: &Collection) -> Result<()> {
        match self.matcher.near() {
            Some((path, _)) if !content.geo_fields().any(|field| field == path.as_str()) => {
                Err(Error::new(
                    291,
                    "error processing query: unable to find index for $geoNear query",
                ))
            }
            _ => Ok(()),
        }
    }

    fn arrange(&self, found: &mut Vec<Found>, sorted: bool) {
        if self.reverse {
            found.reverse();
        }
        if let (Some((path, near)), true) = (self.matcher.near(), self.sort.is_empty()) {
            let far = |found: &Found| geo_near::distance(near, path, &found.bytes);
            found.sort_by_cached_key(|found| far(found).map(f64::to_bits));
        }
        let needed = if self.limit == 0 {
            None
        } else {
            Some(self.limit.saturating_add(self.skip))
        };
        if !self.sort.is_empty() && !sorted {
            let taken = std::mem::take(found);
            *found = self.sort.apply(taken, needed, |found| self.sort.key(found));
        }
        found.drain(..self.skip.min(found.len()));
        if self.limit != 0 {
            found.truncate(self.limit);
        }
    }

    fn project(&self, found: Vec<Found>) -> Result<Vec<Bytes>> {
        let Some(projection) = &self.projection else {
            return Ok(found.into_iter().map(|found| found.bytes).collect());
        };
        found
            .iter()
            .map(|found| project(projection, &found.bytes, found.matched))
            .collect()
    }
}

/// One stored document through a projection.
pub(crate) fn project(projection: &Projection, bytes: &[u8], matched: Match) -> Result<Bytes> {
    let document = stored(bytes)?;
    Ok(Bytes::from(
        projection.apply(&document, matched)?.to_bytes(),
    ))
}
