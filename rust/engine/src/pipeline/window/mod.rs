//! `$setWindowFields`: fields computed from a document's neighbours.
//!
//! All documents are taken, sorted by their partition and then by `sortBy`;
//! each output is a list of values as long as the partition.

mod bounds;
mod functions;

use mongolane_bson::{Document, Value};

use super::{Context, Documents, Run, deferred};
use crate::collation;
use crate::expression::{Expression, FieldPath, Names, Scope};
use crate::query::Sort;
use crate::{Error, Result};
use functions::Output;

#[derive(Debug)]
pub(super) struct SetWindowFields {
    partition: Option<Expression>,
    sort: Sort,
    outputs: Vec<(FieldPath, Output)>,
}

/// What a window function sees: one partition in its order.
struct Partition<'a> {
    documents: &'a [Document],
    /// What the documents are sorted by.
    places: &'a [Vec<Value>],
    /// The partition's own value.
    id: &'a Value,
    context: Context<'a>,
}

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<SetWindowFields> {
    let Value::Document(spec) = spec else {
        return Err(Error::new(
            9,
            "the $setWindowFields stage specification must be an object",
        ));
    };
    const KNOWN: [&str; 3] = ["partitionBy", "sortBy", "output"];
    if let Some(key) = spec.keys().find(|key| !KNOWN.contains(key)) {
        let message = format!("BSON field '$setWindowFields.{key}' is an unknown field.");
        return Err(Error::new(40415, message));
    }
    let (sort, order) = match spec.get("sortBy") {
        None => (Sort::default(), None),
        Some(Value::Document(order)) => (Sort::parse(order)?, Some(order)),
        Some(_) => {
            return Err(Error::new(
                14,
                "'sortBy' of $setWindowFields must be an object",
            ));
        }
    };
    let Some(Value::Document(output)) = spec.get("output") else {
        return Err(Error::new(
            40414,
            "BSON field '$setWindowFields.output' is missing but a required field",
        ));
    };
    let parse = |(name, spec): &(String, Value)| {
        Ok((
            FieldPath::parse(name)?,
            functions::parse(spec, order, names)?,
        ))
    };
    let partition = spec.get("partitionBy");
    Ok(SetWindowFields {
        partition: partition
            .map(|by| Expression::parse_in(by, names))
            .transpose()?,
        sort,
        outputs: output.iter().map(parse).collect::<Result<_>>()?,
    })
}

/// A document with the value of its partition and what it is sorted by.
type Placed = (Value, Vec<Value>, Document);

impl SetWindowFields {
    fn placed(&self, input: Documents<'_>, context: Context<'_>) -> Result<Vec<Placed>> {
        let by = context.variables.collation();
        let sort = self.sort.under(by);
        let mut placed = Vec::new();
        for document in input {
            let document = document?;
            let id = match &self.partition {
                Some(expression) => {
                    expression.evaluate_key(&Scope::new(&document, context.variables))?
                }
                None => Value::Null,
            };
            if matches!(id, Value::Array(_)) {
                let message =
                    "An expression used to partition cannot evaluate to value of type array";
                return Err(Error::new(14, message));
            }
            let place = match self.sort.is_empty() {
                true => Vec::new(),
                false => sort.key(&document),
            };
            placed.push((id, place, document));
        }
        placed.sort_by(|left, right| {
            collation::order(by, &left.0, &right.0).then_with(|| sort.compare(&left.1, &right.1))
        });
        Ok(placed)
    }

    fn computed(&self, input: Documents<'_>, context: Context<'_>) -> Result<Vec<Document>> {
        let by = context.variables.collation();
        let placed = self.placed(input, context)?;
        let mut out = Vec::with_capacity(placed.len());
        for part in placed.chunk_by(|l, r| collation::order(by, &l.0, &r.0).is_eq()) {
            let mut documents: Vec<_> = part.iter().map(|(_, _, d)| d.clone()).collect();
            let places: Vec<_> = part.iter().map(|(_, place, _)| place.clone()).collect();
            let mut values = Vec::with_capacity(self.outputs.len());
            for (_, output) in &self.outputs {
                values.push(output.values(&Partition {
                    documents: &documents,
                    places: &places,
                    id: &part[0].0,
                    context,
                })?);
            }
            for ((field, _), values) in self.outputs.iter().zip(values) {
                for (document, value) in documents.iter_mut().zip(values) {
                    field.set(document, value);
                }
            }
            out.extend(documents);
        }
        Ok(out)
    }
}

impl Run for SetWindowFields {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        deferred(move || self.computed(input, context))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    const SALES: &str = r#"[{"_id": 3, "s": "b", "d": 1, "n": 5}, {"_id": 1, "s": "a", "d": 1, "n": 10},
        {"_id": 2, "s": "a", "d": 2, "n": 20}, {"_id": 4, "s": "a", "d": 4, "n": 40}]"#;

    fn window(output: &str, expected: &str) {
        let pipeline = format!(
            r#"[{{"$setWindowFields": {{"partitionBy": "$s", "sortBy": {{"d": 1}}, "output": {{"o": {output}}}}}}}, {{"$project": {{"o": 1}}}}]"#
        );
        check(SALES, &pipeline, expected);
    }

    /// Windows go by places or by values, in each partition by itself.
    #[test]
    fn windows_are_cut() {
        window(
            r#"{"$sum": "$n", "window": {"documents": ["unbounded", "current"]}}"#,
            r#"[{"_id": 1, "o": 10}, {"_id": 2, "o": 30}, {"_id": 4, "o": 70}, {"_id": 3, "o": 5}]"#,
        );
        window(
            r#"{"$push": "$n", "window": {"documents": [-1, 1]}}"#,
            r#"[{"_id": 1, "o": [10, 20]}, {"_id": 2, "o": [10, 20, 40]}, {"_id": 4, "o": [20, 40]}, {"_id": 3, "o": [5]}]"#,
        );
        window(
            r#"{"$avg": "$n", "window": {"range": [-1, 0]}}"#,
            r#"[{"_id": 1, "o": 10.0}, {"_id": 2, "o": 15.0}, {"_id": 4, "o": 40.0}, {"_id": 3, "o": 5.0}]"#,
        );
        window(
            r#"{"$max": "$n"}"#,
            r#"[{"_id": 1, "o": 40}, {"_id": 2, "o": 40}, {"_id": 4, "o": 40}, {"_id": 3, "o": 5}]"#,
        );
        window(
            r#"{"$count": {}, "window": {"documents": [1, 2]}}"#,
            r#"[{"_id": 1, "o": 2}, {"_id": 2, "o": 1}, {"_id": 4, "o": 0}, {"_id": 3, "o": 0}]"#,
        );
    }

    /// Neighbours, slopes and areas are found by the order.
    #[test]
    fn order_matters() {
        window(
            r#"{"$shift": {"output": "$n", "by": -1, "default": "none"}}"#,
            r#"[{"_id": 1, "o": "none"}, {"_id": 2, "o": 10}, {"_id": 4, "o": 20}, {"_id": 3, "o": "none"}]"#,
        );
        window(
            r#"{"$derivative": {"input": "$n"}, "window": {"documents": [-1, 0]}}"#,
            r#"[{"_id": 1, "o": null}, {"_id": 2, "o": 10.0}, {"_id": 4, "o": 10.0}, {"_id": 3, "o": null}]"#,
        );
        window(
            r#"{"$integral": {"input": "$n"}, "window": {"documents": ["unbounded", "current"]}}"#,
            r#"[{"_id": 1, "o": 0.0}, {"_id": 2, "o": 15.0}, {"_id": 4, "o": 75.0}, {"_id": 3, "o": 0.0}]"#,
        );
        window(
            r#"{"$expMovingAvg": {"input": "$n", "N": 3}}"#,
            r#"[{"_id": 1, "o": 10.0}, {"_id": 2, "o": 15.0}, {"_id": 4, "o": 27.5}, {"_id": 3, "o": 5.0}]"#,
        );
    }

    /// Ranks tell equals apart or not, as they are asked to.
    #[test]
    fn ranks_differ_in_ties() {
        check(
            r#"[{"v": 2}, {"v": 1}, {"v": 2}, {"v": 3}]"#,
            r#"[{"$setWindowFields": {"sortBy": {"v": 1}, "output": {"r": {"$rank": {}}, "d": {"$denseRank": {}}, "n": {"$documentNumber": {}}}}}]"#,
            r#"[{"v": 1, "r": 1, "d": 1, "n": 1}, {"v": 2, "r": 2, "d": 2, "n": 2}, {"v": 2, "r": 2, "d": 2, "n": 3}, {"v": 3, "r": 4, "d": 3, "n": 4}]"#,
        );
    }

    /// Specifications are refused with the server's codes.
    #[test]
    fn bad_windows_are_refused() {
        let refused = |spec: &str| error(&format!(r#"[{{"$setWindowFields": {spec}}}]"#));
        assert_eq!(9, refused("1"));
        assert_eq!(40414, refused("{}"));
        assert_eq!(9, refused(r#"{"output": {"x": {"$foo": 1}}}"#));
        assert_eq!(5_371_602, refused(r#"{"output": {"x": {"$rank": {}}}}"#));
        let reversed = r#"{"output": {"x": {"$sum": 1, "window": {"documents": [1, -1]}}}, "sortBy": {"a": 1}}"#;
        assert_eq!(5_339_900, refused(reversed));
    }
}
