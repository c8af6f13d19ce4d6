//! `$densify`: documents for the values of a field that nobody has.

use std::collections::HashMap;

use mongolane_bson::{Document, Value};

use super::{Context, Documents, Run, deferred};
use crate::collation;
use crate::compare::{Key, compare};
use crate::expression::{FieldPath, date_add};
use crate::number::whole_number;
use crate::number::{self, Number};
use crate::{Error, Result};

/// How many documents may be made.
const MOST: usize = 500_000;

#[derive(Debug)]
pub(super) struct Densify {
    field: FieldPath,
    partition: Vec<FieldPath>,
    step: Step,
    bounds: Bounds,
}

/// The distance between two neighbours.
#[derive(Clone, Debug)]
enum Step {
    Number(Number),
    Time(i64, String),
}

#[derive(Debug)]
enum Bounds {
    /// From the smallest to the largest of all.
    Full,
    /// From the smallest to the largest of each partition.
    Partition,
    /// From the first up to, not including, the second.
    Between(Value, Value),
}

pub(super) fn parse(spec: &Value) -> Result<Densify> {
    let Value::Document(spec) = spec else {
        return Err(Error::new(
            5_733_402,
            "The $densify stage specification must be an object",
        ));
    };
    const KNOWN: [&str; 3] = ["field", "partitionByFields", "range"];
    if let Some(key) = spec.keys().find(|key| !KNOWN.contains(key)) {
        let message = format!("BSON field '$densify.{key}' is an unknown field.");
        return Err(Error::new(40415, message));
    }
    let Some(Value::String(field)) = spec.get("field") else {
        return Err(missing("field"));
    };
    let Some(Value::Document(range)) = spec.get("range") else {
        return Err(missing("range"));
    };
    let names: Vec<&str> = match spec.get("partitionByFields") {
        None => Vec::new(),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::String(name) => Ok(name.as_str()),
                _ => Err(Error::new(14, "'partitionByFields' holds names of fields")),
            })
            .collect::<Result<_>>()?,
        Some(_) => return Err(Error::new(14, "'partitionByFields' must be an array")),
    };
    if names.contains(&field.as_str()) {
        return Err(Error::new(
            8_993_000,
            "the field of $densify may not be one of its partitions",
        ));
    }
    let step = step(range)?;
    let bounds = bounds(range, &step)?;
    if !names.is_empty() || !matches!(bounds, Bounds::Partition) {
        let partition = names.into_iter().map(FieldPath::parse);
        return Ok(Densify {
            field: FieldPath::parse(field)?,
            partition: partition.collect::<Result<_>>()?,
            step,
            bounds,
        });
    }
    Err(Error::new(
        5_733_408,
        "one may not specify the bounds as 'partition' without specifying a non-empty array of partitionByFields",
    ))
}

fn missing(key: &str) -> Error {
    let message = format!("BSON field '$densify.{key}' is missing but a required field");
    Error::new(40414, message)
}

fn step(range: &Document) -> Result<Step> {
    let step = range.get("step").ok_or_else(|| missing("range.step"))?;
    let number =
        Number::of(step).ok_or_else(|| Error::new(14, "the step of $densify must be a number"))?;
    if compare(step, &Value::Int32(0)).is_le() {
        return Err(Error::new(
            5_733_401,
            "the step parameter in a range statement must be a strictly positive numeric value",
        ));
    }
    match range.get("unit") {
        None => Ok(Step::Number(number)),
        Some(Value::String(unit)) => match number.to_i64_exact() {
            Some(step) => {
                date_add(0, unit, step)?;
                Ok(Step::Time(step, unit.clone()))
            }
            None => Err(Error::new(
                6_586_400,
                "the step of $densify must be a whole number where a unit is given",
            )),
        },
        Some(_) => Err(Error::new(14, "the unit of $densify must be a string")),
    }
}

fn bounds(range: &Document, step: &Step) -> Result<Bounds> {
    let ends = match range.get("bounds") {
        Some(Value::String(kind)) if kind == "full" => return Ok(Bounds::Full),
        Some(Value::String(kind)) if kind == "partition" => return Ok(Bounds::Partition),
        Some(Value::Array(ends)) => ends,
        Some(_) => {
            return Err(Error::new(
                5_946_802,
                "Bounds string must either be 'full' or 'partition', or an array of two",
            ));
        }
        None => return Err(missing("range.bounds")),
    };
    let fits = |value: &Value| match step {
        Step::Number(_) => whole_number(value).is_some(),
        Step::Time(..) => matches!(value, Value::DateTime(_)),
    };
    match ends.as_slice() {
        [low, high] if fits(low) && fits(high) => {
            if compare(low, high).is_gt() {
                return Err(Error::new(
                    5_733_403,
                    "the bounds of $densify must be in ascending order",
                ));
            }
            Ok(Bounds::Between(low.clone(), high.clone()))
        }
        [_, _] => Err(Error::new(
            5_733_406,
            "numeric bounds may not have a unit, and dates need one",
        )),
        _ => Err(Error::new(
            5_733_404,
            "a bounding array in a range statement must have exactly two elements",
        )),
    }
}

impl Step {
    /// The value so many steps after `low`.
    fn after(&self, low: &Value, count: i64) -> Result<Value> {
        match (self, low) {
            (Self::Time(step, unit), Value::DateTime(millis)) => {
                date_add(*millis, unit, step.saturating_mul(count)).map(Value::DateTime)
            }
            (Self::Number(step), low) => {
                let low = Number::of(low).unwrap_or(Number::narrow(0));
                Ok(number::add(low, number::multiply(*step, Number::narrow(count))).into())
            }
            _ => Ok(low.clone()),
        }
    }

    fn check(&self, value: &Value) -> Result<()> {
        match (self, value) {
            (Self::Time(..), Value::DateTime(_)) => Ok(()),
            (Self::Number(_), value) if Number::of(value).is_some() => Ok(()),
            _ => Err(Error::new(
                5_733_201,
                "densify field type must be a number, or a date where a unit is given",
            )),
        }
    }
}

/// The documents of one partition: those without a value, and the others in
/// the order of theirs.
#[derive(Default)]
struct Part {
    without: Vec<Document>,
    with: Vec<(Value, Document)>,
}

impl Densify {
    fn parts(&self, input: Documents<'_>, context: Context<'_>) -> Result<Vec<Part>> {
        let mut places: HashMap<Vec<Key>, usize> = HashMap::new();
        let mut parts: Vec<(Vec<Value>, Part)> = Vec::new();
        let by = context.variables.collation();
        for document in input {
            let document = document?;
            let values: Vec<_> = self
                .partition
                .iter()
                .map(|path| path.lookup(&document).cloned().unwrap_or(Value::Null))
                .collect();
            let key = values
                .iter()
                .map(|value| collation::key(by, value))
                .collect();
            let place = *places.entry(key).or_insert_with(|| {
                parts.push((values, Part::default()));
                parts.len() - 1
            });
            match self.field.lookup(&document) {
                None | Some(Value::Null) => parts[place].1.without.push(document),
                Some(value) => {
                    self.step.check(value)?;
                    let value = value.clone();
                    parts[place].1.with.push((value, document));
                }
            }
        }
        parts.sort_by(|(left, _), (right, _)| {
            let mut orders = left
                .iter()
                .zip(right)
                .map(|(l, r)| collation::order(by, l, r));
            orders
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        for (_, part) in &mut parts {
            part.with
                .sort_by(|(left, _), (right, _)| compare(left, right));
        }
        Ok(parts.into_iter().map(|(_, part)| part).collect())
    }

    /// The first value, the last, and whether that is one of those wanted.
    fn range(&self, parts: &[Part], part: &Part) -> Option<(Value, Value, bool)> {
        let ends = |part: &Part| {
            let (first, last) = (part.with.first()?, part.with.last()?);
            Some((first.0.clone(), last.0.clone()))
        };
        match &self.bounds {
            Bounds::Between(low, high) => Some((low.clone(), high.clone(), false)),
            Bounds::Partition => ends(part).map(|(low, high)| (low, high, true)),
            Bounds::Full => {
                let all = parts.iter().filter_map(ends);
                all.reduce(|(low, high), (l, h)| {
                    let low = if compare(&l, &low).is_lt() { l } else { low };
                    (low, if compare(&h, &high).is_gt() { h } else { high })
                })
                .map(|(low, high)| (low, high, true))
            }
        }
    }

    fn made(&self, like: Option<&Document>, value: Value) -> Document {
        let mut document = Document::new();
        for path in &self.partition {
            if let Some(value) = like.and_then(|like| path.lookup(like)) {
                path.set(&mut document, value.clone());
            }
        }
        self.field.set(&mut document, value);
        document
    }

    fn densified(&self, input: Documents<'_>, context: Context<'_>) -> Result<Vec<Document>> {
        let mut parts = self.parts(input, context)?;
        if parts.is_empty() && matches!(self.bounds, Bounds::Between(..)) {
            parts.push(Part::default());
        }
        let ranges: Vec<_> = parts.iter().map(|part| self.range(&parts, part)).collect();
        let (mut out, mut made) = (Vec::new(), 0);
        for (part, range) in parts.into_iter().zip(ranges) {
            let like = part
                .with
                .first()
                .map(|(_, d)| d)
                .or(part.without.first())
                .cloned();
            out.extend(part.without);
            // Steps too small to tell a value from the next would never end.
            let most = (MOST + part.with.len()) as i64;
            let mut there = part.with.into_iter().peekable();
            let (low, high, inclusive) = match range {
                Some(range) => range,
                None => continue,
            };
            for count in 0.. {
                let value = self.step.after(&low, count)?;
                let order = compare(&value, &high);
                if order.is_gt() || (order.is_eq() && !inclusive) {
                    break;
                }
                while let Some((_, document)) = there.next_if(|(v, _)| compare(v, &value).is_lt()) {
                    out.push(document);
                }
                let is_there = there
                    .peek()
                    .is_some_and(|(v, _)| compare(v, &value).is_eq());
                made += usize::from(!is_there);
                if made > MOST || count > most {
                    return Err(Error::new(
                        5_897_900,
                        format!("Generated over {MOST} documents in $densify, which is the limit"),
                    ));
                }
                if is_there {
                    continue;
                }
                out.push(self.made(like.as_ref(), value));
            }
            out.extend(there.map(|(_, document)| document));
        }
        Ok(out)
    }
}

impl Run for Densify {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        deferred(move || self.densified(input, context))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// Numbers that are missing between two are made.
    #[test]
    fn gaps_get_documents() {
        check(
            r#"[{"n": 5, "x": 1}, {"n": 1}, {"n": 2.5}]"#,
            r#"[{"$densify": {"field": "n", "range": {"step": 2, "bounds": "full"}}}]"#,
            r#"[{"n": 1}, {"n": 2.5}, {"n": 3}, {"n": 5, "x": 1}]"#,
        );
        check(
            r#"[{"n": 1}, {"n": 9}]"#,
            r#"[{"$densify": {"field": "n", "range": {"step": 1, "bounds": [0, 3]}}}]"#,
            r#"[{"n": 0}, {"n": 1}, {"n": 2}, {"n": 9}]"#,
        );
        check(
            r#"[{"p": "b", "n": 3}, {"p": "a", "n": 1}, {"p": "b", "n": 1}]"#,
            r#"[{"$densify": {"field": "n", "partitionByFields": ["p"], "range": {"step": 1, "bounds": "partition"}}}]"#,
            r#"[{"p": "a", "n": 1}, {"p": "b", "n": 1}, {"p": "b", "n": 2}, {"p": "b", "n": 3}]"#,
        );
    }

    /// Dates go by units of the calendar.
    #[test]
    fn dates_go_by_units() {
        check(
            r#"[{"d": {"$date": 2678400000}}, {"d": {"$date": 7776000000}}]"#,
            r#"[{"$densify": {"field": "d", "range": {"step": 1, "unit": "month", "bounds": "full"}}}]"#,
            r#"[{"d": {"$date": 2678400000}}, {"d": {"$date": 5097600000}}, {"d": {"$date": 7776000000}}]"#,
        );
    }

    /// Specifications are refused with the server's codes.
    #[test]
    fn bad_ranges_are_refused() {
        let densify = |range: &str| {
            error(&format!(
                r#"[{{"$densify": {{"field": "n", "range": {range}}}}}]"#
            ))
        };
        assert_eq!(5_733_401, densify(r#"{"step": 0, "bounds": "full"}"#));
        assert_eq!(5_733_408, densify(r#"{"step": 1, "bounds": "partition"}"#));
        assert_eq!(5_733_404, densify(r#"{"step": 1, "bounds": [1]}"#));
        assert_eq!(5_733_403, densify(r#"{"step": 1, "bounds": [2, 1]}"#));
        let endless = r#"[{"$documents": [{"n": 1e300}, {"n": 1e301}]}, {"$densify": {"field": "n", "range": {"step": 1, "bounds": "full"}}}]"#;
        assert_eq!(5_897_900, error(endless));
    }
}
