//! Paths of updates: their parts, the places they mean in one document, and
//! the slots to be written there.

use mongolane_bson::{Document, Value};

use super::Situation;
use super::filters::ArrayFilters;
use crate::error::Shown;
use crate::path::position;
use crate::{Error, Result};

/// How many nulls a write behind an array's end may put before itself.
const MAX_PADDING: usize = 1_500_000;

/// One part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Field(String),
    /// `$`: the element that the filter met.
    Met,
    /// `$[]`: every element.
    Every,
    /// `$[name]`: the elements that an array filter means.
    Filtered(String),
}

/// A path as an update names it.
#[derive(Clone, Debug)]
pub(super) struct UpdatePath {
    pub(super) text: String,
    parts: Vec<Part>,
}

/// A path without anything variable.
pub(super) type Place = Vec<String>;

impl UpdatePath {
    pub(super) fn parse(text: &str, filters: &ArrayFilters) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::new(56, "An empty update path is not valid."));
        }
        let parts = text
            .split('.')
            .map(|part| parse_part(part, text))
            .collect::<Result<Vec<_>>>()?;
        if !matches!(parts[0], Part::Field(_)) {
            let message = format!(
                "Cannot have array filter or positional operator as the first part of path '{text}'"
            );
            return Err(Error::new(2, message));
        }
        if parts.iter().filter(|part| **part == Part::Met).count() > 1 {
            let message = format!("Too many positional (i.e. '$') elements found in path '{text}'");
            return Err(Error::new(2, message));
        }
        for part in &parts {
            if let Part::Filtered(name) = part {
                filters.expect(name, text)?;
            }
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The places that are meant in this document.
    pub(super) fn places(
        &self,
        document: &Document,
        situation: Situation,
        filters: &ArrayFilters,
    ) -> Result<Vec<Place>> {
        if self.parts.iter().all(|part| matches!(part, Part::Field(_))) {
            return Ok(vec![self.text.split('.').map(str::to_owned).collect()]);
        }
        let mut places = Vec::new();
        let mut expand = Expand {
            path: self,
            situation,
            filters,
            places: &mut places,
        };
        expand.descend(None, Some(document), &self.parts, &mut Vec::new())?;
        Ok(places)
    }
}

fn parse_part(part: &str, whole: &str) -> Result<Part> {
    if let Some(name) = part
        .strip_prefix("$[")
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return Ok(if name.is_empty() {
            Part::Every
        } else {
            Part::Filtered(name.to_owned())
        });
    }
    match part {
        "$" => Ok(Part::Met),
        "" => Err(Error::new(
            56,
            format!(
                "The update path '{whole}' contains an empty field name, which is not allowed."
            ),
        )),
        _ if part.starts_with('$') && !matches!(part, "$id" | "$ref" | "$db") => Err(Error::new(
            52,
            format!(
                "The dollar ($) prefixed field '{part}' in '{whole}' is not valid for storage."
            ),
        )),
        _ => Ok(Part::Field(part.to_owned())),
    }
}

struct Expand<'a> {
    path: &'a UpdatePath,
    situation: Situation,
    filters: &'a ArrayFilters,
    places: &'a mut Vec<Place>,
}

impl Expand<'_> {
    /// Goes on from a value, or from the document itself.
    fn descend(
        &mut self,
        value: Option<&Value>,
        root: Option<&Document>,
        rest: &[Part],
        so_far: &mut Place,
    ) -> Result<()> {
        let Some((part, rest)) = rest.split_first() else {
            self.places.push(so_far.clone());
            return Ok(());
        };
        match part {
            Part::Field(name) => {
                let next = child(value, root, name);
                self.step(next, rest, so_far, name.clone())
            }
            Part::Met => {
                let at = self.situation.matched.position.ok_or_else(no_match)?;
                let next = child(value, root, &at.to_string());
                self.step(next, rest, so_far, at.to_string())
            }
            Part::Every => self.elements(value, rest, so_far, None),
            Part::Filtered(name) => self.elements(value, rest, so_far, Some(name)),
        }
    }

    fn step(
        &mut self,
        next: Option<&Value>,
        rest: &[Part],
        so_far: &mut Place,
        name: String,
    ) -> Result<()> {
        so_far.push(name);
        let done = self.descend(next, None, rest, so_far);
        so_far.pop();
        done
    }

    fn elements(
        &mut self,
        value: Option<&Value>,
        rest: &[Part],
        so_far: &mut Place,
        filter: Option<&String>,
    ) -> Result<()> {
        let Some(Value::Array(items)) = value else {
            let found = value.map_or("a missing field".to_owned(), |v| Shown(v).to_string());
            return Err(Error::new(
                2,
                format!(
                    "Cannot apply array updates to non-array element {}: {found}, in path '{}'",
                    so_far.last().map_or("", String::as_str),
                    self.path.text
                ),
            ));
        };
        for (at, item) in items.iter().enumerate() {
            if filter.map_or(Ok(true), |name| self.filters.means(name, item))? {
                self.step(Some(item), rest, so_far, at.to_string())?;
            }
        }
        Ok(())
    }
}

fn no_match() -> Error {
    Error::new(
        2,
        "The positional operator did not find the match needed from the query.",
    )
}

fn child<'v>(
    value: Option<&'v Value>,
    root: Option<&'v Document>,
    name: &str,
) -> Option<&'v Value> {
    match (root, value) {
        (Some(document), _) | (None, Some(Value::Document(document))) => document.get(name),
        (None, Some(Value::Array(items))) => items.get(position(name)?),
        _ => None,
    }
}

/// The value at a place.
pub(super) fn get<'d>(document: &'d Document, place: &[String]) -> Option<&'d Value> {
    let (first, rest) = place.split_first()?;
    rest.iter().try_fold(document.get(first)?, |value, part| {
        child(Some(value), None, part)
    })
}

/// The value at a place, to be changed; what lies on the way is made.
pub(super) fn slot<'d>(document: &'d mut Document, place: &[String]) -> Result<&'d mut Value> {
    let Some((first, rest)) = place.split_first() else {
        return Err(Error::new(56, "An empty update path is not valid."));
    };
    let mut value = entry(document, first, rest.is_empty());
    for (at, part) in rest.iter().enumerate() {
        let last = at + 1 == rest.len();
        value = match value {
            Value::Document(inner) => entry(inner, part, last),
            Value::Array(items) => element(items, part, last)?,
            other => return Err(not_viable(part, &place[at], other)),
        };
    }
    Ok(value)
}

/// Refuses a place that [`slot`] could not make.
pub(super) fn check_viable(document: &Document, place: &[String]) -> Result<()> {
    let Some((first, rest)) = place.split_first() else {
        return Ok(());
    };
    let Some(mut value) = document.get(first) else {
        return Ok(());
    };
    for (at, part) in rest.iter().enumerate() {
        let next = child(Some(value), None, part);
        match (value, next) {
            (Value::Document(_) | Value::Array(_), Some(next)) => value = next,
            (Value::Document(_), None) => return Ok(()),
            (Value::Array(items), None) => return padding(items.len(), part).map(drop),
            (other, _) => return Err(not_viable(part, &place[at], other)),
        }
    }
    Ok(())
}

/// A field's slot, made as a missing one or as a document to go into.
fn entry<'d>(document: &'d mut Document, key: &str, last: bool) -> &'d mut Value {
    if !document.contains_key(key) {
        document.push(key, fresh(last));
    }
    document
        .get_mut(key)
        .expect("the key was just made sure of")
}

/// What a new slot holds: `undefined` stands for a value still missing.
fn fresh(last: bool) -> Value {
    if last {
        Value::Undefined
    } else {
        Value::Document(Document::new())
    }
}

fn padding(size: usize, part: &str) -> Result<usize> {
    let Some(at) = position(part) else {
        return Err(Error::new(
            28,
            format!("Cannot create field '{part}' in an array"),
        ));
    };
    if at > size + MAX_PADDING {
        let message = format!("can't backfill more than {MAX_PADDING} elements");
        return Err(Error::new(2, message));
    }
    Ok(at)
}

fn element<'d>(items: &'d mut Vec<Value>, part: &str, last: bool) -> Result<&'d mut Value> {
    let at = padding(items.len(), part)?;
    if at >= items.len() {
        items.resize(at, Value::Null);
        items.push(fresh(last));
    }
    Ok(&mut items[at])
}

fn not_viable(part: &str, parent: &str, value: &Value) -> Error {
    let shown = Shown(value);
    Error::new(
        28,
        format!("Cannot create field '{part}' in element {{{parent}: {shown}}}"),
    )
}

/// Takes the value at a place out; in an array null stays in its stead.
pub(super) fn remove(document: &mut Document, place: &[String]) -> Option<Value> {
    let (last, before) = place.split_last()?;
    if before.is_empty() {
        return document.remove(last);
    }
    let mut value = document.get_mut(&before[0])?;
    for part in &before[1..] {
        value = match value {
            Value::Document(inner) => inner.get_mut(part)?,
            Value::Array(items) => items.get_mut(position(part)?)?,
            _ => return None,
        };
    }
    match value {
        Value::Document(inner) => inner.remove(last),
        Value::Array(items) => {
            let item = items.get_mut(position(last)?)?;
            Some(std::mem::replace(item, Value::Null))
        }
        _ => None,
    }
}
