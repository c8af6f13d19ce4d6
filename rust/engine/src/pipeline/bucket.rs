//! `$bucket` and `$bucketAuto`: groups by ranges of a value.

use std::cmp::Ordering;

use mongolane_bson::{Document, Value};

use super::accumulators::{self, Field};
use super::group::Groups;
use super::{Context, Documents, Run, Stage, deferred};
use crate::collation::{self, Collation};
use crate::compare::{canonical_rank, compare};
use crate::expression::{Expression, Names, Scope};
use crate::number::Number;
use crate::{Error, Result};

#[derive(Debug)]
struct Bucket {
    by: Expression,
    boundaries: Vec<Value>,
    default: Option<Value>,
    fields: Vec<Field>,
}

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<Vec<Stage>> {
    let spec = options(
        spec,
        40201,
        40197,
        "$bucket",
        &["groupBy", "boundaries", "default", "output"],
    )?;
    let (Some(by), Some(boundaries)) = (spec.get("groupBy"), spec.get("boundaries")) else {
        return Err(Error::new(
            40198,
            "$bucket requires 'groupBy' and 'boundaries' to be specified.",
        ));
    };
    let by = group_by(by, 40202, names)?;
    let boundaries = parse_boundaries(boundaries)?;
    let default = spec.get("default").map(constant).transpose()?;
    if let Some(default) = &default {
        check_default(default, &boundaries)?;
    }
    let fields = output(spec, 40196, names)?;
    Ok(vec![Stage::Other(Box::new(Bucket {
        by,
        boundaries,
        default,
        fields,
    }))])
}

fn options<'a>(
    spec: &'a Value,
    not_an_object: i32,
    unknown: i32,
    stage: &str,
    known: &[&str],
) -> Result<&'a Document> {
    let Value::Document(spec) = spec else {
        let found = spec.type_name();
        return Err(Error::new(
            not_an_object,
            format!("Argument to {stage} stage must be an object, but found type: {found}."),
        ));
    };
    match spec.keys().find(|key| !known.contains(key)) {
        Some(key) => Err(Error::new(
            unknown,
            format!("Unrecognized option to {stage}: {key}."),
        )),
        None => Ok(spec),
    }
}

fn group_by(by: &Value, code: i32, names: &Names<'_>) -> Result<Expression> {
    let is_expression = match by {
        Value::String(text) => text.starts_with('$'),
        Value::Document(_) => true,
        _ => false,
    };
    if !is_expression {
        return Err(Error::new(
            code,
            "The 'groupBy' field must be defined as a $-prefixed path or an expression object.",
        ));
    }
    Expression::parse_in(by, names)
}

/// What a constant expression stands for.
fn constant(value: &Value) -> Result<Value> {
    let expression = Expression::parse_in(value, &Names::system())?;
    match (value, expression.as_constant()) {
        (_, Some(constant)) => Ok(constant.clone()),
        (Value::String(_), None) => Err(Error::new(
            40191,
            "The boundaries and the default of $bucket must be constant values.",
        )),
        _ => {
            let (nothing, variables) = (Document::new(), crate::expression::Variables::at(0));
            Ok(expression
                .evaluate(&nothing, &variables)?
                .unwrap_or(Value::Null))
        }
    }
}

fn parse_boundaries(boundaries: &Value) -> Result<Vec<Value>> {
    let Value::Array(items) = boundaries else {
        let found = boundaries.type_name();
        return Err(Error::new(
            40200,
            format!("The $bucket 'boundaries' field must be an array, but found type: {found}."),
        ));
    };
    let values = items.iter().map(constant).collect::<Result<Vec<_>>>()?;
    if values.len() < 2 {
        let count = values.len();
        return Err(Error::new(
            40192,
            format!(
                "The $bucket 'boundaries' field must have at least 2 values, but found {count} value(s)."
            ),
        ));
    }
    for pair in values.windows(2) {
        if canonical_rank(&pair[0]) != canonical_rank(&pair[1]) {
            return Err(Error::new(
                40193,
                "All values in the the 'boundaries' option to $bucket must have the same type.",
            ));
        }
        if compare(&pair[0], &pair[1]).is_ge() {
            return Err(Error::new(
                40194,
                "The 'boundaries' option to $bucket must be sorted in ascending order.",
            ));
        }
    }
    Ok(values)
}

fn check_default(default: &Value, boundaries: &[Value]) -> Result<()> {
    let above = compare(default, &boundaries[0]).is_ge();
    let below = compare(default, &boundaries[boundaries.len() - 1]).is_lt();
    if above && below {
        let message = "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.";
        return Err(Error::new(40199, message));
    }
    Ok(())
}

/// The fields of the output: a count where nothing was said.
fn output(spec: &Document, code: i32, names: &Names<'_>) -> Result<Vec<Field>> {
    match spec.get("output") {
        None => {
            let one = Document::from_iter([("$sum".to_owned(), Value::Int32(1))]);
            Ok(vec![accumulators::parse(
                "count",
                &Value::Document(one),
                names,
            )?])
        }
        Some(Value::Document(output)) => output
            .iter()
            .map(|(name, spec)| accumulators::parse(name, spec, names))
            .collect(),
        Some(other) => {
            let found = other.type_name();
            Err(Error::new(
                code,
                format!("The 'output' field must be an object, but found type: {found}."),
            ))
        }
    }
}

impl Bucket {
    fn place(&self, value: &Value, by: Option<&Collation>) -> Result<Value> {
        let after = self
            .boundaries
            .partition_point(|boundary| collation::order(by, boundary, value).is_le());
        if after > 0 && after < self.boundaries.len() {
            return Ok(self.boundaries[after - 1].clone());
        }
        self.default.clone().ok_or_else(|| {
            Error::new(40066, "$switch could not find a matching branch for an input, and no default was specified.")
        })
    }
}

impl Run for Bucket {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        deferred(move || {
            let mut groups = Groups::new(&self.fields);
            for document in input {
                let document = document?;
                let scope = Scope::new(&document, context.variables);
                let value = self.by.evaluate_in(&scope)?.unwrap_or(Value::Undefined);
                groups.add(self.place(&value, scope.collation())?, &scope)?;
            }
            let mut buckets = groups.finish();
            buckets.sort_by(|a, b| {
                a.get("_id")
                    .zip(b.get("_id"))
                    .map_or(Ordering::Equal, |(a, b)| {
                        collation::order(context.variables.collation(), a, b)
                    })
            });
            Ok(buckets)
        })
    }
}

#[derive(Debug)]
pub(super) struct Auto {
    by: Expression,
    count: usize,
    fields: Vec<Field>,
}

pub(super) fn parse_auto(spec: &Value, names: &Names<'_>) -> Result<Auto> {
    let spec = options(
        spec,
        40240,
        40245,
        "$bucketAuto",
        &["groupBy", "buckets", "output", "granularity"],
    )?;
    if spec.contains_key("granularity") {
        return Err(Error::new(
            238,
            "'granularity' of $bucketAuto is not implemented by this server",
        ));
    }
    let (Some(by), Some(count)) = (spec.get("groupBy"), spec.get("buckets")) else {
        return Err(Error::new(
            40246,
            "$bucketAuto requires 'groupBy' and 'buckets' to be specified.",
        ));
    };
    let count = Number::of(count)
        .ok_or_else(|| {
            Error::new(
                40241,
                "The $bucketAuto 'buckets' field must be a numeric value",
            )
        })?
        .to_i32_exact()
        .ok_or_else(|| {
            Error::new(
                40242,
                "The $bucketAuto 'buckets' field must be representable as a 32-bit integer",
            )
        })?;
    let count = usize::try_from(count).ok().filter(|count| *count > 0);
    let count = count.ok_or_else(|| {
        Error::new(
            40243,
            "The $bucketAuto 'buckets' field must be greater than 0",
        )
    })?;
    Ok(Auto {
        by: group_by(by, 40239, names)?,
        count,
        fields: output(spec, 40244, names)?,
    })
}

impl Auto {
    /// Ends of the buckets in the sorted values: about the same number each,
    /// equal values together.
    fn ends(&self, values: &[(Value, Document)], by: Option<&Collation>) -> Vec<usize> {
        let size = ((values.len() as f64 / self.count as f64).round() as usize).max(1);
        let mut ends = Vec::new();
        let mut start = 0;
        while start < values.len() {
            let last = ends.len() + 1 == self.count;
            let mut end = if last {
                values.len()
            } else {
                (start + size).min(values.len())
            };
            let same = |at: usize| collation::order(by, &values[at].0, &values[at - 1].0).is_eq();
            while end < values.len() && same(end) {
                end += 1;
            }
            ends.push(end);
            start = end;
        }
        ends
    }
}

impl Run for Auto {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        deferred(move || {
            let mut values = Vec::new();
            for document in input {
                let document = document?;
                let value = self
                    .by
                    .evaluate_or_null(&Scope::new(&document, context.variables))?;
                values.push((value, document));
            }
            let by = context.variables.collation();
            values.sort_by(|(a, _), (b, _)| collation::order(by, a, b));
            let mut groups = Groups::new(&self.fields);
            let mut start = 0;
            for end in self.ends(&values, by) {
                // A bucket ends where the next begins, the last at its own end.
                let bound = values.get(end).unwrap_or(&values[end - 1]).0.clone();
                let id = Document::from_iter([
                    ("min".to_owned(), values[start].0.clone()),
                    ("max".to_owned(), bound),
                ]);
                for (_, document) in &values[start..end] {
                    groups.add(
                        Value::Document(id.clone()),
                        &Scope::new(document, context.variables),
                    )?;
                }
                start = end;
            }
            Ok(groups.finish())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// Buckets include their lower end; what fits none goes to the default.
    #[test]
    fn buckets_include_lower_end() {
        check(
            r#"[{"a": 5}, {"a": 0}, {"a": 10}, {"a": "x"}, {"a": 7}]"#,
            r#"[{"$bucket": {"groupBy": "$a", "boundaries": [0, 5, 10], "default": "other", "output": {"n": {"$sum": 1}, "all": {"$push": "$a"}}}}]"#,
            r#"[{"_id": 0, "n": 1, "all": [0]}, {"_id": 5, "n": 2, "all": [5, 7]}, {"_id": "other", "n": 2, "all": [10, "x"]}]"#,
        );
        assert_eq!(
            40066,
            error(r#"[{"$bucket": {"groupBy": "$a", "boundaries": [0, 5]}}]"#)
        );
        assert_eq!(
            40194,
            error(r#"[{"$bucket": {"groupBy": "$a", "boundaries": [5, 0]}}]"#)
        );
        assert_eq!(
            40199,
            error(r#"[{"$bucket": {"groupBy": "$a", "boundaries": [0, 5], "default": 3}}]"#)
        );
    }

    /// Automatic buckets hold about as many each.
    #[test]
    fn automatic_buckets_are_even() {
        check(
            r#"[{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}]"#,
            r#"[{"$bucketAuto": {"groupBy": "$a", "buckets": 2}}]"#,
            r#"[{"_id": {"min": 1, "max": 3}, "count": 2}, {"_id": {"min": 3, "max": 4}, "count": 2}]"#,
        );
    }
}
