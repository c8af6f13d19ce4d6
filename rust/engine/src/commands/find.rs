//! `find`, and the search that every command with a filter shares.

use std::borrow::Cow;

use mongolane_bson::{Document, Value, document};

use super::cursor::first_batch;
use super::{Call, geo_near};
use crate::collation::Collation;
use crate::compare::compare_documents;
use crate::expression::{Expression, Variables, unavailable};
use crate::path::{Raw, Source};
use crate::query::{Match, Matcher, Projection, Sort, is_truthy};
use crate::server::Cursor;
use crate::storage::{Bytes, Collection, IndexSpec, Namespace, Order, Plan, RecordId};
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
/// How often a search looks at the clock.
const CHECK_EVERY: usize = 256;

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
                .and_then(crate::query::whole_number)
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

/// A stored document as values.
pub(crate) fn stored(bytes: &[u8]) -> Result<Document> {
    Document::from_bytes(bytes)
        .map_err(|e| Error::new(1, format!("a stored document is damaged: {e}")))
}

/// How a command compares texts: as it says itself, or as its collection does.
pub(crate) fn collation(
    call: &Call<'_>,
    namespace: &Namespace,
    given: Option<&Value>,
) -> Result<Option<Collation>> {
    match given {
        Some(Value::Document(given)) if !given.is_empty() => Collation::parse(given),
        None | Some(Value::Null | Value::Document(_)) => {
            let slot = call.state.catalog.get(namespace);
            Ok(slot.and_then(|slot| slot.content.read().collation.clone()))
        }
        Some(other) => Err(call.arguments.wrong("collation", other, "object")),
    }
}

/// The variables of the command's `let`, and how texts are compared: by
/// `given`, or as the collection says.
pub(crate) fn variables(
    call: &Call<'_>,
    namespace: &Namespace,
    given: Option<&Value>,
) -> Result<Variables> {
    let variables = Variables::at(crate::server::now_millis());
    let mut variables = variables.under(collation(call, namespace, given)?);
    for (name, value) in call.arguments.document("let")?.into_iter().flatten() {
        let value = Expression::parse(value)?.evaluate(&Document::new(), &variables)?;
        variables.bind(name.as_str(), value);
    }
    Ok(variables)
}

/// The index that a hint means; one that isn't there is refused.
pub(crate) fn hinted(content: &Collection, hint: Option<&Value>) -> Result<Option<usize>> {
    let place = |meant: &dyn Fn(&IndexSpec) -> bool| {
        let place = content
            .indexes()
            .iter()
            .position(|index| meant(&index.spec));
        place
            .map(Some)
            .ok_or_else(|| Error::new(2, "hint provided does not correspond to an existing index"))
    };
    match hint {
        None => Ok(None),
        Some(Value::String(name)) => place(&|spec| spec.name == *name),
        Some(Value::Document(keys)) if keys.is_empty() || keys.contains_key("$natural") => Ok(None),
        Some(Value::Document(keys)) => place(&|spec| compare_documents(&spec.keys, keys).is_eq()),
        Some(_) => Err(Error::new(9, "Hint must be a string or an object")),
    }
}

/// Shows `each` the documents that meet the filter until it answers false.
pub(crate) fn search(
    call: &Call<'_>,
    content: &Collection,
    hint: Option<&Value>,
    matcher: &Matcher,
    mut each: impl FnMut(RecordId, &Bytes, Match) -> Result<bool>,
) -> Result<()> {
    if matcher.needs_text_index() && hint.is_some() {
        return Err(Error::new(2, "text and hint not allowed in same query"));
    }
    let matcher = &*matcher.bind(content.text_index())?;
    match Plan::choose_with(content, matcher, hinted(content, hint)?) {
        Plan::Scan => {
            for (at, (record, bytes)) in content.iter().enumerate() {
                if !meet(call, matcher, at, record, bytes, &mut each)? {
                    break;
                }
            }
            Ok(())
        }
        plan => visit(
            call,
            content,
            matcher,
            plan.records(content).into_iter(),
            each,
        ),
    }
}

/// The way to the documents in the order of a sort, where an index has it.
pub(crate) fn in_order(
    content: &Collection,
    hint: Option<&Value>,
    matcher: &Matcher,
    sort: &Sort,
) -> Result<Option<Order>> {
    if sort.is_empty() || matcher.needs_text_index() {
        return Ok(None);
    }
    let natural = matches!(hint, Some(Value::Document(hint)) if hint.contains_key("$natural"));
    let plan = Plan::choose_with(content, matcher, hinted(content, hint)?);
    Ok(match natural {
        true => None,
        false => plan.in_order(content, matcher, sort),
    })
}

/// Shows `each` those of the records that meet the filter until it answers
/// false.
pub(crate) fn visit(
    call: &Call<'_>,
    content: &Collection,
    matcher: &Matcher,
    records: impl Iterator<Item = RecordId>,
    mut each: impl FnMut(RecordId, &Bytes, Match) -> Result<bool>,
) -> Result<()> {
    for (at, record) in records.enumerate() {
        let Some(bytes) = content.get(record) else {
            continue;
        };
        if !meet(call, matcher, at, record, bytes, &mut each)? {
            break;
        }
    }
    Ok(())
}

fn meet(
    call: &Call<'_>,
    matcher: &Matcher,
    at: usize,
    record: RecordId,
    bytes: &Bytes,
    each: &mut impl FnMut(RecordId, &Bytes, Match) -> Result<bool>,
) -> Result<bool> {
    if at.is_multiple_of(CHECK_EVERY) {
        call.check_time()?;
    }
    match matcher.find(&Raw(bytes))? {
        Some(matched) => each(record, bytes, matched),
        None => Ok(true),
    }
}
