//! Which fields of a found document are given back.

use mongolane_bson::{Document, Value};

use super::matching::{Match, Matcher};
use super::predicate::is_truthy;
use crate::expression::{Expression, Variables};
use crate::number::whole_number;
use crate::path::Source;
use crate::{Error, Result, text};

/// A projection of `find` or `findAndModify`, parsed once.
#[derive(Clone, Debug)]
pub struct Projection {
    tree: Tree,
    inclusive: bool,
    /// `None` where `_id` follows the rest.
    id: Option<bool>,
    positional: bool,
    needs_score: bool,
    variables: Variables,
}

type Tree = Vec<(String, Rule)>;

#[derive(Clone, Debug)]
enum Rule {
    Include,
    Exclude,
    Slice(Option<i64>, i64),
    /// The first element that meets a filter over `{"": [element]}`.
    Element(Box<Matcher>),
    Positional,
    Computed(Box<Expression>),
    Tree(Tree),
}

struct Apply<'a> {
    root: &'a Document,
    inclusive: bool,
    matched: Match,
    variables: &'a Variables,
}

impl Projection {
    /// Parses a projection; `None` where everything is wanted.
    pub fn parse(projection: &Document, variables: Variables) -> Result<Option<Self>> {
        if projection.is_empty() {
            return Ok(None);
        }
        let mut parse = Parse::default();
        for (key, value) in projection {
            parse.field(key, value)?;
        }
        parse.finish(variables).map(Some)
    }

    /// The projected document.
    pub fn apply(&self, document: &Document, matched: Match) -> Result<Document> {
        let scored = matched.score.filter(|_| self.needs_score).map(|score| {
            let mut scored = document.clone();
            scored.push(text::SCORE, score);
            scored
        });
        let apply = Apply {
            root: scored.as_ref().unwrap_or(document),
            inclusive: self.inclusive,
            matched,
            variables: &self.variables,
        };
        let mut out = Document::new();
        if self.id.unwrap_or(true)
            && let Some(id) = document.get("_id")
        {
            out.push("_id", id.clone());
        }
        apply.tree(document, &self.tree, true, &mut out)?;
        Ok(out)
    }

    /// Whether it shows the score of a `$text`.
    #[must_use]
    pub fn needs_score(&self) -> bool {
        self.needs_score
    }

    /// Whether it has a positional `$`.
    #[must_use]
    pub fn is_positional(&self) -> bool {
        self.positional
    }
}

impl Apply<'_> {
    fn tree(&self, document: &Document, tree: &Tree, top: bool, out: &mut Document) -> Result<()> {
        for (key, value) in document {
            if top && key == "_id" && !tree.iter().any(|(k, _)| k == "_id") {
                continue;
            }
            match tree.iter().find(|(k, _)| k == key) {
                Some((_, Rule::Computed(_))) => {}
                Some((_, rule)) => {
                    if let Some(value) = self.rule(value, rule)? {
                        put(out, key, value);
                    }
                }
                None if self.inclusive => {}
                None => out.push(key.clone(), value.clone()),
            }
        }
        self.computed(tree, document, out)
    }

    /// Computed fields come last, in the projection's order.
    fn computed(&self, tree: &Tree, document: &Document, out: &mut Document) -> Result<()> {
        for (key, rule) in tree {
            match rule {
                Rule::Computed(expression) => {
                    if let Some(value) = expression.evaluate(self.root, self.variables)? {
                        out.insert(key.clone(), value);
                    }
                }
                Rule::Tree(inner) if !document.contains_key(key) && has_computed(inner) => {
                    let mut made = Document::new();
                    self.tree(&Document::new(), inner, false, &mut made)?;
                    out.insert(key.clone(), made);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn rule(&self, value: &Value, rule: &Rule) -> Result<Option<Value>> {
        Ok(match rule {
            Rule::Include => Some(value.clone()),
            Rule::Exclude | Rule::Computed(_) => None,
            Rule::Slice(skip, count) => Some(slice(value, *skip, *count)),
            Rule::Element(matcher) => first_element(value, matcher)?,
            Rule::Positional => Some(self.positional(value)?),
            Rule::Tree(tree) => self.nested(value, tree)?,
        })
    }

    fn nested(&self, value: &Value, tree: &Tree) -> Result<Option<Value>> {
        match value {
            Value::Document(inner) => {
                let mut out = Document::new();
                self.tree(inner, tree, false, &mut out)?;
                Ok(Some(Value::Document(out)))
            }
            Value::Array(items) => {
                let items = items
                    .iter()
                    .filter_map(|item| self.nested(item, tree).transpose())
                    .collect::<Result<_>>()?;
                Ok(Some(Value::Array(items)))
            }
            other => Ok((!self.inclusive).then(|| other.clone())),
        }
    }

    fn positional(&self, value: &Value) -> Result<Value> {
        let Value::Array(items) = value else {
            return Ok(value.clone());
        };
        let item = self.matched.position.and_then(|at| items.get(at));
        let item = item.ok_or_else(|| {
            Error::new(
                51246,
                "Executor error during find command :: caused by :: positional operator '.$' \
                 couldn't find a matching element in the array",
            )
        })?;
        Ok(Value::Array(vec![item.clone()]))
    }
}

fn put(out: &mut Document, key: &str, value: Value) {
    if key == "_id" {
        out.insert(key, value)
    } else {
        out.push(key, value)
    }
}

fn has_computed(tree: &Tree) -> bool {
    tree.iter().any(|(_, rule)| match rule {
        Rule::Computed(_) => true,
        Rule::Tree(inner) => has_computed(inner),
        _ => false,
    })
}

fn slice(value: &Value, skip: Option<i64>, count: i64) -> Value {
    let Value::Array(items) = value else {
        return value.clone();
    };
    let size = items.len() as i64;
    let (start, count) = match skip {
        None if count < 0 => (size.saturating_add(count).max(0), size),
        None => (0, count),
        Some(skip) if skip < 0 => (size.saturating_add(skip).max(0), count),
        Some(skip) => (skip.min(size), count),
    };
    let end = start.saturating_add(count).min(size);
    Value::Array(items[start as usize..end.max(start) as usize].to_vec())
}

fn first_element(value: &Value, matcher: &Matcher) -> Result<Option<Value>> {
    let Value::Array(items) = value else {
        return Ok(None);
    };
    for item in items {
        let mut wrapped = Document::new();
        wrapped.push("", Value::Array(vec![item.clone()]));
        if matcher.find(&wrapped as &dyn Source)?.is_some() {
            return Ok(Some(Value::Array(vec![item.clone()])));
        }
    }
    Ok(None)
}

#[derive(Default)]
struct Parse {
    tree: Tree,
    /// What the first field that says so decided, and its name.
    mode: Option<bool>,
    id: Option<bool>,
    positional: bool,
    /// Whether something other than `$slice` and `_id` is there.
    elements: bool,
    needs_score: bool,
}

impl Parse {
    fn field(&mut self, key: &str, value: &Value) -> Result<()> {
        if key.is_empty() || key.split('.').any(str::is_empty) {
            return Err(Error::new(
                40352,
                "FieldPath cannot be constructed with an empty part",
            ));
        }
        if let Some(path) = key.strip_suffix(".$") {
            return self.positional(path, value);
        }
        if key.split('.').any(|part| part.starts_with('$')) {
            return Err(Error::new(
                16410,
                format!("FieldPath field names may not start with '$': {key}"),
            ));
        }
        match value {
            Value::Document(inner) => self.operator(key, inner),
            Value::Bool(_)
            | Value::Int32(_)
            | Value::Int64(_)
            | Value::Double(_)
            | Value::Decimal128(_) => self.flag(key, is_truthy(value)),
            _ => self.computed(key, value),
        }
    }

    fn positional(&mut self, path: &str, value: &Value) -> Result<()> {
        if self.positional {
            return Err(Error::new(
                31276,
                "Cannot specify more than one positional projection per query.",
            ));
        }
        if !is_truthy(value) {
            return Err(Error::new(
                31395,
                "positional projection cannot be used with exclusion",
            ));
        }
        self.positional = true;
        self.decide(path, true)?;
        self.put(path, Rule::Positional)
    }

    fn flag(&mut self, key: &str, wanted: bool) -> Result<()> {
        if key == "_id" {
            self.id = Some(wanted);
            return Ok(());
        }
        self.decide(key, wanted)?;
        self.put(key, if wanted { Rule::Include } else { Rule::Exclude })
    }

    fn decide(&mut self, key: &str, wanted: bool) -> Result<()> {
        match self.mode {
            Some(true) if !wanted => Err(Error::new(
                31254,
                format!("Cannot do exclusion on field {key} in inclusion projection"),
            )),
            Some(false) if wanted => Err(Error::new(
                31253,
                format!("Cannot do inclusion on field {key} in exclusion projection"),
            )),
            _ => {
                self.mode = Some(wanted);
                Ok(())
            }
        }
    }

    fn computed(&mut self, key: &str, value: &Value) -> Result<()> {
        self.decide(key, true)?;
        self.put(key, Rule::Computed(Box::new(Expression::parse(value)?)))
    }

    fn operator(&mut self, key: &str, inner: &Document) -> Result<()> {
        let (operator, value) = match inner.iter().next() {
            Some((operator, value)) if operator.starts_with('$') => (operator.as_str(), value),
            Some(_) => return self.nested(key, inner),
            None => {
                return Err(Error::new(
                    51270,
                    "An empty sub-projection is not a valid value. Found empty object at path",
                ));
            }
        };
        match operator {
            "$slice" if !is_expression_slice(value) => {
                let (skip, count) = slice_of(value)?;
                self.put(key, Rule::Slice(skip, count))
            }
            "$elemMatch" => self.element(key, value),
            "$meta" => self.meta(key, inner),
            _ => self.computed(key, &Value::Document(inner.clone())),
        }
    }

    /// A value about the document; by itself it excludes nothing.
    fn meta(&mut self, key: &str, inner: &Document) -> Result<()> {
        let expression = Expression::parse(&Value::Document(inner.clone()))?;
        self.needs_score = true;
        self.put(key, Rule::Computed(Box::new(expression)))
    }

    fn nested(&mut self, key: &str, inner: &Document) -> Result<()> {
        inner
            .iter()
            .try_for_each(|(part, value)| self.field(&format!("{key}.{part}"), value))
    }

    fn element(&mut self, key: &str, value: &Value) -> Result<()> {
        if key.contains('.') {
            return Err(Error::new(
                31275,
                "Cannot use $elemMatch projection on a nested field.",
            ));
        }
        let mut condition = Document::new();
        condition.push("$elemMatch", value.clone());
        let mut filter = Document::new();
        filter.push("", condition);
        self.elements = true;
        self.put(key, Rule::Element(Box::new(Matcher::parse(&filter)?)))
    }

    fn put(&mut self, key: &str, rule: Rule) -> Result<()> {
        let parts: Vec<&str> = key.split('.').collect();
        insert(&mut self.tree, &parts, rule, key)
    }

    fn finish(self, variables: Variables) -> Result<Projection> {
        let inclusive = match self.mode {
            Some(mode) => mode,
            None => self.elements || self.id == Some(true),
        };
        Ok(Projection {
            tree: self.tree,
            inclusive,
            id: self.id,
            positional: self.positional,
            needs_score: self.needs_score,
            variables,
        })
    }
}

/// `{$slice: ["$path", 2]}` is the aggregation's expression.
fn is_expression_slice(value: &Value) -> bool {
    matches!(value, Value::Array(items) if items.first().is_some_and(|v| whole_number(v).is_none()))
}

fn slice_of(value: &Value) -> Result<(Option<i64>, i64)> {
    if let Some(count) = whole_number(value) {
        return Ok((None, count));
    }
    match value {
        Value::Array(items) if items.len() == 2 => {
            match (whole_number(&items[0]), whole_number(&items[1])) {
                (Some(skip), Some(count)) if count > 0 => Ok((Some(skip), count)),
                _ => Err(Error::new(
                    28724,
                    "Second argument to $slice must be a positive number",
                )),
            }
        }
        _ => Err(Error::new(
            28667,
            "Invalid $slice syntax. The given syntax did not match the find() syntax",
        )),
    }
}

fn insert(tree: &mut Tree, parts: &[&str], rule: Rule, whole: &str) -> Result<()> {
    let collision = || Error::new(31249, format!("Path collision at {whole}"));
    let Some((first, rest)) = parts.split_first() else {
        return Ok(());
    };
    let at = tree.iter().position(|(key, _)| key == first);
    match (at, rest.is_empty()) {
        (None, true) => tree.push(((*first).to_owned(), rule)),
        (Some(_), true) => return Err(collision()),
        (at, false) => {
            let at = at.unwrap_or_else(|| {
                tree.push(((*first).to_owned(), Rule::Tree(Vec::new())));
                tree.len() - 1
            });
            match &mut tree[at].1 {
                Rule::Tree(inner) => insert(inner, rest, rule, whole)?,
                _ => return Err(collision()),
            }
        }
    }
    Ok(())
}
