//! `$project`, and the tree of fields that `$addFields` and `$unset` share.
//!
//! Fields of the document come first, in its order; computed ones follow in
//! the order of the specification, or replace what stands there already. An
//! `_id` is first in any case.

use mongolane_bson::{Document, Value};

use super::{Context, Documents, Run};
use crate::expression::{Expression, FieldPath, Names, Scope, truthy};
use crate::number::Number;
use crate::{Error, Result, text};

/// What happens to the fields of one (sub)document.
#[derive(Debug)]
pub(super) struct Tree {
    /// Whether fields that aren't named are dropped.
    inclusive: bool,
    children: Vec<(String, Rule)>,
}

#[derive(Debug)]
enum Rule {
    Include,
    Exclude,
    Computed(Expression),
    Nested(Tree),
}

impl Tree {
    pub(super) fn new(inclusive: bool) -> Self {
        Self {
            inclusive,
            children: Vec::new(),
        }
    }

    /// Applies the tree to the document that `scope` is about.
    pub(super) fn apply(&self, document: &Document, scope: &Scope<'_>) -> Result<Document> {
        let mut out = self.project(document);
        self.compute(&mut out, scope)?;
        if self.inclusive && matches!(self.rule("_id"), Some(Rule::Computed(_))) {
            let id = out.remove("_id").map(|id| ("_id".to_owned(), id));
            out = id.into_iter().chain(out).collect();
        }
        Ok(out)
    }

    fn rule(&self, key: &str) -> Option<&Rule> {
        self.children
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, rule)| rule)
    }

    fn project(&self, document: &Document) -> Document {
        let mut out = Document::new();
        for (key, value) in document {
            let kept = match self.rule(key) {
                None if self.inclusive => None,
                Some(Rule::Exclude) => None,
                Some(Rule::Computed(_)) if self.inclusive => None,
                None | Some(Rule::Include | Rule::Computed(_)) => Some(value.clone()),
                Some(Rule::Nested(tree)) => tree.project_value(value),
            };
            if let Some(value) = kept {
                out.push(key.as_str(), value);
            }
        }
        out
    }

    fn project_value(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Document(document) => Some(Value::Document(self.project(document))),
            Value::Array(items) => Some(Value::Array(
                items
                    .iter()
                    .filter_map(|item| self.project_value(item))
                    .collect(),
            )),
            scalar => (!self.inclusive).then(|| scalar.clone()),
        }
    }

    fn compute(&self, out: &mut Document, scope: &Scope<'_>) -> Result<()> {
        for (key, rule) in &self.children {
            match rule {
                Rule::Computed(expression) => match expression.evaluate_in(scope)? {
                    Some(value) => out.insert(key.as_str(), value),
                    None => drop(out.remove(key)),
                },
                Rule::Nested(tree) if tree.computes() => {
                    let value = tree.compute_value(out.remove_in_place(key), scope)?;
                    out.insert(key.as_str(), value);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What isn't a document or an array of them becomes one.
    fn compute_value(&self, value: Option<Value>, scope: &Scope<'_>) -> Result<Value> {
        match value {
            Some(Value::Array(items)) => {
                let items = items
                    .into_iter()
                    .map(|item| self.compute_value(Some(item), scope));
                items.collect::<Result<_>>().map(Value::Array)
            }
            value => {
                let mut document = match value {
                    Some(Value::Document(document)) => document,
                    _ => Document::new(),
                };
                self.compute(&mut document, scope)?;
                Ok(Value::Document(document))
            }
        }
    }

    fn computes(&self) -> bool {
        self.children.iter().any(|(_, rule)| match rule {
            Rule::Computed(_) => true,
            Rule::Nested(tree) => tree.computes(),
            _ => false,
        })
    }

    fn insert(&mut self, names: &[String], rule: Rule, whole: &str) -> Result<()> {
        let collision = || Error::new(31249, format!("Path collision at {whole}"));
        let Some((first, rest)) = names.split_first() else {
            return Err(collision());
        };
        let at = self.children.iter().position(|(name, _)| name == first);
        if rest.is_empty() {
            return match at {
                Some(_) => Err(collision()),
                None => {
                    self.children.push((first.clone(), rule));
                    Ok(())
                }
            };
        }
        let at = at.unwrap_or_else(|| {
            self.children
                .push((first.clone(), Rule::Nested(Self::new(self.inclusive))));
            self.children.len() - 1
        });
        match &mut self.children[at].1 {
            Rule::Nested(tree) => tree.insert(rest, rule, whole),
            _ => Err(collision()),
        }
    }

    /// Leaves a field out.
    pub(super) fn exclude(&mut self, path: &str) -> Result<()> {
        self.insert(FieldPath::parse(path)?.names(), Rule::Exclude, path)
    }

    /// Computes a field; a document that is no operator stands for its fields.
    pub(super) fn assign(&mut self, path: &str, value: &Value, names: &Names<'_>) -> Result<()> {
        match value {
            Value::Document(inner) if is_nested(inner) => inner
                .iter()
                .try_for_each(|(key, value)| self.assign(&format!("{path}.{key}"), value, names)),
            _ => {
                let expression = Expression::parse_in(value, names)?;
                self.insert(
                    FieldPath::parse(path)?.names(),
                    Rule::Computed(expression),
                    path,
                )
            }
        }
    }
}

/// Whether a document is a specification of fields and not an operator.
fn is_nested(document: &Document) -> bool {
    document
        .keys()
        .next()
        .is_some_and(|key| !key.starts_with('$'))
}

/// Taking a value out without losing its place.
trait RemoveInPlace {
    fn remove_in_place(&mut self, key: &str) -> Option<Value>;
}

impl RemoveInPlace for Document {
    fn remove_in_place(&mut self, key: &str) -> Option<Value> {
        self.get_mut(key)
            .map(|value| std::mem::replace(value, Value::Null))
    }
}

/// A stage that applies a tree to every document.
#[derive(Debug)]
pub(super) struct Reshape(pub(super) Tree);

impl Run for Reshape {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        Box::new(input.map(move |document| {
            let document = document?;
            let mut out = self
                .0
                .apply(&document, &Scope::new(&document, context.variables))?;
            if let Some(score) = document
                .get(text::SCORE)
                .filter(|_| !out.contains_key(text::SCORE))
            {
                out.push(text::SCORE, score.clone());
            }
            Ok(out)
        }))
    }
}

/// What a field of `$project` wants.
enum Wish<'a> {
    Flag(bool),
    Computed(&'a Value),
}

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<Reshape> {
    let Value::Document(spec) = spec else {
        return Err(Error::new(
            15969,
            "$project specification must be an object",
        ));
    };
    if spec.is_empty() {
        return Err(Error::new(
            51272,
            "Invalid $project :: caused by :: projection specification must have at least one field",
        ));
    }
    let mut wishes = Vec::new();
    collect("", spec, &mut wishes)?;
    let inclusive = mode(&wishes)?;
    let mut tree = Tree::new(inclusive);
    if inclusive && !wishes.iter().any(|(path, _)| path == "_id") {
        tree.children.push(("_id".to_owned(), Rule::Include));
    }
    for (path, wish) in wishes {
        let rule = match wish {
            Wish::Flag(true) if !inclusive => continue,
            Wish::Flag(true) => Rule::Include,
            Wish::Flag(false) => Rule::Exclude,
            Wish::Computed(value) => Rule::Computed(Expression::parse_in(value, names)?),
        };
        tree.insert(FieldPath::parse(&path)?.names(), rule, &path)?;
    }
    Ok(Reshape(tree))
}

/// The leaves of a specification by their dotted paths.
fn collect<'a>(
    prefix: &str,
    spec: &'a Document,
    wishes: &mut Vec<(String, Wish<'a>)>,
) -> Result<()> {
    for (key, value) in spec {
        let path = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match value {
            Value::Document(inner) if inner.is_empty() => {
                let message = format!(
                    "Invalid $project :: caused by :: An empty sub-projection is not a valid value. Found empty object at path '{path}'"
                );
                return Err(Error::new(51270, message));
            }
            Value::Document(inner) if is_nested(inner) => collect(&path, inner, wishes)?,
            Value::Bool(_) => wishes.push((path, Wish::Flag(truthy(Some(value))))),
            value if Number::of(value).is_some() => {
                wishes.push((path, Wish::Flag(truthy(Some(value)))))
            }
            value => wishes.push((path, Wish::Computed(value))),
        }
    }
    Ok(())
}

/// Whether fields are chosen or left out; mixing is refused, but for `_id`.
fn mode(wishes: &[(String, Wish<'_>)]) -> Result<bool> {
    let mut mode = None;
    for (path, wish) in wishes.iter().filter(|(path, _)| path != "_id") {
        let (including, computed) = match wish {
            Wish::Flag(flag) => (*flag, false),
            Wish::Computed(_) => (true, true),
        };
        match mode {
            Some(true) if !including => {
                return Err(Error::new(
                    31254,
                    format!(
                        "Invalid $project :: caused by :: Cannot do exclusion on field {path} in inclusion projection"
                    ),
                ));
            }
            Some(false) if computed => {
                return Err(Error::new(
                    31252,
                    format!(
                        "Invalid $project :: caused by :: Cannot use an expression {path} in an exclusion projection"
                    ),
                ));
            }
            Some(false) if including => {
                return Err(Error::new(
                    31253,
                    format!(
                        "Invalid $project :: caused by :: Cannot do inclusion on field {path} in exclusion projection"
                    ),
                ));
            }
            _ => mode = Some(including),
        }
    }
    let id = wishes
        .iter()
        .find(|(path, _)| path == "_id")
        .map(|(_, wish)| wish);
    match (mode, id) {
        (Some(false), Some(Wish::Computed(_))) => Err(Error::new(
            31252,
            "Invalid $project :: caused by :: Cannot use an expression _id in an exclusion projection",
        )),
        (Some(mode), _) => Ok(mode),
        (None, id) => Ok(!matches!(id, Some(Wish::Flag(false)))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// Chosen fields keep the document's order, computed ones follow.
    #[test]
    fn inclusion_keeps_order() {
        check(
            r#"[{"_id": 1, "b": 2, "a": {"x": 1, "y": 2}, "c": [{"x": 1, "z": 3}, 5]}]"#,
            r#"[{"$project": {"sum": {"$add": ["$b", 1]}, "c.x": 1, "a": {"x": true}, "b": 1}}]"#,
            r#"[{"_id": 1, "b": 2, "a": {"x": 1}, "c": [{"x": 1}], "sum": 3}]"#,
        );
    }

    /// Left-out fields go at any depth, the rest stays.
    #[test]
    fn exclusion_keeps_rest() {
        check(
            r#"[{"_id": 1, "b": 2, "a": [{"x": 1, "y": 2}, 5]}]"#,
            r#"[{"$project": {"_id": 0, "a.x": 0}}]"#,
            r#"[{"b": 2, "a": [{"y": 2}, 5]}]"#,
        );
    }

    /// A computed field within a document or an array of them.
    #[test]
    fn nested_computation() {
        check(
            r#"[{"_id": 1, "a": {"x": 1}, "n": 7}, {"_id": 2, "a": [{"x": 1}, 2], "n": 8}]"#,
            r#"[{"$project": {"a.x": 1, "a.n": "$n", "gone": "$nowhere"}}]"#,
            r#"[{"_id": 1, "a": {"x": 1, "n": 7}}, {"_id": 2, "a": [{"x": 1, "n": 8}]}]"#,
        );
    }

    /// A computed identity comes first, as an identity does.
    #[test]
    fn computed_id_comes_first() {
        check(
            r#"[{"_id": 1, "a": 2, "b": 3}]"#,
            r#"[{"$project": {"a": 1, "_id": "$b"}}]"#,
            r#"[{"_id": 3, "a": 2}]"#,
        );
    }

    /// Choosing and leaving out don't mix, nor do a path and its part.
    #[test]
    fn contradictions_are_refused() {
        assert_eq!(31254, error(r#"[{"$project": {"a": 1, "b": 0}}]"#));
        assert_eq!(31253, error(r#"[{"$project": {"a": 0, "b": 1}}]"#));
        assert_eq!(31249, error(r#"[{"$project": {"a": 1, "a.b": 1}}]"#));
        assert_eq!(51272, error(r#"[{"$project": {}}]"#));
        assert_eq!(168, error(r#"[{"$project": {"a": {"$foo": 1}}}]"#));
    }
}
