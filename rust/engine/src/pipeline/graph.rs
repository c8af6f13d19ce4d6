//! `$graphLookup`: documents of another collection that are reached step by
//! step from a value.
//!
//! The other collection is read once, and found by the keys of its field.

use std::collections::{HashMap, HashSet};

use mongolane_bson::{Document, Value};

use super::lookup::keys;
use super::{Context, Documents, Run};
use crate::collation;
use crate::compare::Key;
use crate::expression::{Expression, FieldPath, Names, Scope};
use crate::number::Number;
use crate::path::{self, Path};
use crate::query::Matcher;
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct GraphLookup {
    from: String,
    to: FieldPath,
    start: Expression,
    connect_from: Path,
    connect_to: Path,
    max_depth: Option<i64>,
    depth_field: Option<FieldPath>,
    restrict: Matcher,
}

const KNOWN: [&str; 8] = [
    "from",
    "as",
    "startWith",
    "connectFromField",
    "connectToField",
    "maxDepth",
    "depthField",
    "restrictSearchWithMatch",
];

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<GraphLookup> {
    let Value::Document(spec) = spec else {
        let found = spec.type_name();
        return Err(Error::new(
            40327,
            format!("the $graphLookup stage specification must be an object, but found {found}"),
        ));
    };
    if let Some(key) = spec.keys().find(|key| !KNOWN.contains(key)) {
        let message = format!("Unknown argument to $graphLookup: {key}");
        return Err(Error::new(40104, message));
    }
    let required = |key: &str| text(spec, key)?.ok_or_else(missing);
    let restrict = match spec.get("restrictSearchWithMatch") {
        None => Matcher::parse(&Document::new())?,
        Some(Value::Document(filter)) => Matcher::parse(filter)?,
        Some(_) => {
            return Err(Error::new(
                40185,
                "restrictSearchWithMatch must be an object",
            ));
        }
    };
    let field = |key: &str| {
        let name = required(key)?;
        FieldPath::parse(name).map(|_| Path::new(name))
    };
    Ok(GraphLookup {
        from: required("from")?.to_owned(),
        to: FieldPath::parse(required("as")?)?,
        start: Expression::parse_in(spec.get("startWith").ok_or_else(missing)?, names)?,
        connect_from: field("connectFromField")?,
        connect_to: field("connectToField")?,
        max_depth: spec.get("maxDepth").map(depth).transpose()?,
        depth_field: text(spec, "depthField")?
            .map(FieldPath::parse)
            .transpose()?,
        restrict,
    })
}

fn missing() -> Error {
    Error::new(
        40105,
        "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField' to be specified.",
    )
}

fn text<'s>(spec: &'s Document, key: &str) -> Result<Option<&'s str>> {
    match spec.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => {
            let found = other.type_name();
            let message = format!("{key} must be a string, but found type {found}");
            Err(Error::new(40103, message))
        }
    }
}

fn depth(value: &Value) -> Result<i64> {
    let number = Number::of(value)
        .ok_or_else(|| Error::new(40100, "maxDepth requires a numeric argument"))?;
    let whole = number
        .to_i64_exact()
        .ok_or_else(|| Error::new(40102, "maxDepth could not be represented as a long long"))?;
    match whole {
        0.. => Ok(whole),
        _ => Err(Error::new(
            40101,
            "maxDepth requires a nonnegative argument",
        )),
    }
}

/// The other collection as it was read.
struct Foreign {
    documents: Vec<Document>,
    places: HashMap<Key, Vec<usize>>,
}

impl GraphLookup {
    fn read(&self, context: Context<'_>) -> Result<Foreign> {
        let by = context.variables.collation();
        let filter = self.restrict.under(by);
        let found = context.catalog.find(&self.from, &filter)?;
        let documents = found.collect::<Result<Vec<_>>>()?;
        let mut places: HashMap<Key, Vec<usize>> = HashMap::new();
        for (at, document) in documents.iter().enumerate() {
            for key in keys(document, &self.connect_to, by) {
                let places = places.entry(key).or_default();
                if places.last() != Some(&at) {
                    places.push(at);
                }
            }
        }
        Ok(Foreign { documents, places })
    }

    /// What is reached from the starting value: places, each with its depth.
    fn reached(&self, start: Value, foreign: &Foreign, context: Context<'_>) -> Vec<(usize, i64)> {
        let by = context.variables.collation();
        let mut frontier = match start {
            Value::Array(items) => items,
            single => vec![single],
        };
        let (mut seen, mut reached) = (HashSet::new(), Vec::new());
        let mut asked = HashSet::new();
        let mut depth = 0;
        while !frontier.is_empty() && self.max_depth.is_none_or(|most| depth <= most) {
            let mut next = Vec::new();
            for value in frontier {
                let key = collation::key(by, &value);
                let places = foreign.places.get(&key).map_or(&[][..], Vec::as_slice);
                if !asked.insert(key) {
                    continue;
                }
                for place in places {
                    if seen.insert(*place) {
                        reached.push((*place, depth));
                        next.extend(path::values(&foreign.documents[*place], &self.connect_from));
                    }
                }
            }
            frontier = next;
            depth += 1;
        }
        reached
    }

    fn extend(
        &self,
        mut document: Document,
        foreign: &mut Option<Foreign>,
        context: Context<'_>,
    ) -> Result<Document> {
        let start = self
            .start
            .evaluate_in(&Scope::new(&document, context.variables))?;
        if foreign.is_none() {
            *foreign = Some(self.read(context)?);
        }
        let mut found = Vec::new();
        if let (Some(start), Some(foreign)) = (start, foreign.as_ref()) {
            for (place, depth) in self.reached(start, foreign, context) {
                let mut reached = foreign.documents[place].clone();
                if let Some(field) = &self.depth_field {
                    field.set(&mut reached, Value::Int64(depth));
                }
                found.push(Value::Document(reached));
            }
        }
        self.to.set(&mut document, Value::Array(found));
        Ok(document)
    }
}

impl Run for GraphLookup {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        let mut foreign = None;
        Box::new(input.map(move |document| self.extend(document?, &mut foreign, context)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{error, run_beside};
    use crate::expression::testing::json;

    const STAFF: &str = r#"{"staff": [{"_id": 1, "n": "Ana"}, {"_id": 2, "n": "Bo", "boss": "Ana"},
        {"_id": 3, "n": "Cy", "boss": "Bo"}, {"_id": 4, "n": "Di", "boss": ["Cy", "Di"]}]}"#;

    fn check(input: &str, options: &str, expected: &str) {
        let pipeline = format!(
            r#"[{{"$graphLookup": {{"from": "staff", "connectFromField": "boss", "connectToField": "n", "as": "o", {options}}}}}]"#
        );
        let output = run_beside(STAFF, input, &pipeline)
            .unwrap_or_else(|error| panic!("{error}: {pipeline}"));
        assert_eq!(json(expected), output, "{pipeline}");
    }

    /// Steps go on until nothing new is reached, or far enough.
    #[test]
    fn steps_are_followed() {
        check(
            r#"[{"b": "Cy"}]"#,
            r#""startWith": "$b", "depthField": "d", "maxDepth": 1"#,
            r#"[{"b": "Cy", "o": [{"_id": 3, "n": "Cy", "boss": "Bo", "d": {"$numberLong": "0"}}, {"_id": 2, "n": "Bo", "boss": "Ana", "d": {"$numberLong": "1"}}]}]"#,
        );
        check(
            r#"[{"b": ["Di"]}, {}]"#,
            r#""startWith": "$b", "restrictSearchWithMatch": {"_id": {"$gt": 2}}"#,
            r#"[{"b": ["Di"], "o": [{"_id": 4, "n": "Di", "boss": ["Cy", "Di"]}, {"_id": 3, "n": "Cy", "boss": "Bo"}]}, {"o": []}]"#,
        );
    }

    /// Specifications are refused with the server's codes.
    #[test]
    fn bad_lookups_are_refused() {
        assert_eq!(40327, error(r#"[{"$graphLookup": 1}]"#));
        assert_eq!(40105, error(r#"[{"$graphLookup": {"from": "x"}}]"#));
        assert_eq!(40104, error(r#"[{"$graphLookup": {"foo": "x"}}]"#));
    }
}
