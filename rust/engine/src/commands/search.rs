//! The search that every command with a filter shares.

use mongolane_bson::{Document, Value};

use super::Call;
use crate::collation::Collation;
use crate::compare::compare_documents;
use crate::expression::{Expression, Variables};
use crate::path::Raw;
use crate::query::{Match, Matcher, Sort};
use crate::storage::{Bytes, Collection, IndexSpec, Namespace, Order, Plan, RecordId};
use crate::{Error, Result};

/// How often a search looks at the clock.
const CHECK_EVERY: usize = 256;

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
