//! `$group`: documents gathered by a key, in the order their keys first came.

use std::collections::HashMap;

use mongolane_bson::{Document, Value};

use super::accumulators::{self, Accumulator, Field};
use super::{Context, Documents, Run, deferred};
use crate::collation;
use crate::compare::Key;
use crate::expression::{Expression, Names, Scope};
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct Group {
    id: Expression,
    fields: Vec<Field>,
}

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<Group> {
    let Value::Document(spec) = spec else {
        return Err(Error::new(
            15947,
            "a group's fields must be specified in an object",
        ));
    };
    let id = spec
        .get("_id")
        .ok_or_else(|| Error::new(15955, "a group specification must include an _id"))?;
    let id = Expression::parse_in(id, names)?;
    let fields = spec.iter().filter(|(name, _)| name != "_id");
    let fields = fields.map(|(name, spec)| accumulators::parse(name, spec, names));
    Ok(Group {
        id,
        fields: fields.collect::<Result<_>>()?,
    })
}

/// The groups so far.
pub(super) struct Groups<'a> {
    fields: &'a [Field],
    places: HashMap<Key, usize>,
    states: Vec<(Value, Vec<Box<dyn Accumulator>>)>,
}

impl<'a> Groups<'a> {
    pub(super) fn new(fields: &'a [Field]) -> Self {
        Self {
            fields,
            places: HashMap::new(),
            states: Vec::new(),
        }
    }

    /// Adds the document that `scope` is about to the group of `id`.
    pub(super) fn add(&mut self, id: Value, scope: &Scope<'_>) -> Result<()> {
        let key = collation::key(scope.collation(), &id);
        let place = match self.places.get(&key) {
            Some(place) => *place,
            None => self.begin(key, id, scope)?,
        };
        for (field, state) in self.fields.iter().zip(&mut self.states[place].1) {
            state.add(field.input.evaluate_in(scope)?)?;
        }
        Ok(())
    }

    fn begin(&mut self, key: Key, id: Value, scope: &Scope<'_>) -> Result<usize> {
        let states = self.fields.iter().map(|field| field.begin(&id, scope));
        let states = states.collect::<Result<_>>()?;
        self.states.push((id, states));
        self.places.insert(key, self.states.len() - 1);
        Ok(self.states.len() - 1)
    }

    pub(super) fn finish(self) -> Vec<Document> {
        let fields = self.fields;
        let group = |(id, states): (Value, Vec<Box<dyn Accumulator>>)| {
            let mut document = Document::new();
            document.push("_id", id);
            for (field, state) in fields.iter().zip(states) {
                document.push(field.name.as_str(), state.finish());
            }
            document
        };
        self.states.into_iter().map(group).collect()
    }
}

impl Run for Group {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        deferred(move || {
            let mut groups = Groups::new(&self.fields);
            for document in input {
                let document = document?;
                let scope = Scope::new(&document, context.variables);
                groups.add(self.id.evaluate_key(&scope)?, &scope)?;
            }
            Ok(groups.finish())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    const INPUT: &str = r#"[{"k": "a", "v": 1}, {"k": "b", "v": 5}, {"k": "a", "v": 3.5}, {"v": null}, {"k": null, "v": 2}]"#;

    /// Sums keep ints, means are doubles, missing and null keys are one group.
    #[test]
    fn groups_accumulate() {
        check(
            INPUT,
            r#"[{"$group": {"_id": "$k", "sum": {"$sum": "$v"}, "avg": {"$avg": "$v"}, "n": {"$count": {}}, "min": {"$min": "$v"}}}]"#,
            r#"[{"_id": "a", "sum": 4.5, "avg": 2.25, "n": 2, "min": 1}, {"_id": "b", "sum": 5, "avg": 5.0, "n": 1, "min": 5}, {"_id": null, "sum": 2, "avg": 2.0, "n": 2, "min": 2}]"#,
        );
    }

    /// Lists keep order, sets don't repeat, missing values are in neither.
    #[test]
    fn groups_collect() {
        check(
            r#"[{"v": 1, "o": {"x": 1}}, {"v": 1.0, "o": {"y": 2}}, {}, {"v": 2, "o": {"x": 3}}]"#,
            r#"[{"$group": {"_id": null, "all": {"$push": "$v"}, "set": {"$addToSet": "$v"}, "first": {"$first": "$v"}, "last": {"$last": "$w"}, "o": {"$mergeObjects": "$o"}}}]"#,
            r#"[{"_id": null, "all": [1, 1.0, 2], "set": [1, 2], "first": 1, "last": null, "o": {"x": 3, "y": 2}}]"#,
        );
    }

    /// A few by place, by value and by order.
    #[test]
    fn groups_keep_few() {
        check(
            r#"[{"v": 2, "n": "b"}, {"v": 3, "n": "c"}, {"v": 1, "n": "a"}]"#,
            r#"[{"$group": {"_id": null, "f": {"$firstN": {"input": "$v", "n": 2}}, "l": {"$lastN": {"input": "$v", "n": 1}},
                "max": {"$maxN": {"input": "$v", "n": 2}}, "min": {"$minN": {"input": "$v", "n": 1}},
                "top": {"$top": {"sortBy": {"v": 1}, "output": "$n"}}, "bottom": {"$bottomN": {"sortBy": {"v": 1}, "output": ["$n", "$v"], "n": 2}}}}]"#,
            r#"[{"_id": null, "f": [2, 3], "l": [1], "max": [3, 2], "min": [1], "top": "a", "bottom": [["b", 2], ["c", 3]]}]"#,
        );
    }

    /// Specifications are refused with the server's codes.
    #[test]
    fn bad_groups_are_refused() {
        assert_eq!(15955, error(r#"[{"$group": {"n": {"$sum": 1}}}]"#));
        assert_eq!(
            15952,
            error(r#"[{"$group": {"_id": 1, "n": {"$foo": 1}}}]"#)
        );
        assert_eq!(40234, error(r#"[{"$group": {"_id": 1, "n": 5}}]"#));
        assert_eq!(
            40235,
            error(r#"[{"$group": {"_id": 1, "a.b": {"$sum": 1}}}]"#)
        );
        assert_eq!(
            40237,
            error(r#"[{"$group": {"_id": 1, "n": {"$sum": [1, 2]}}}]"#)
        );
    }
}
