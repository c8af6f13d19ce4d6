//! The order of a result.

use std::cmp::Ordering;

use mongolane_bson::{Document, Value};

use crate::collation::{self, Collation};
use crate::number::whole_number;
use crate::path::{self, Leaf, Path, Source};
use crate::{Error, Result, compare, text};

/// A sort pattern, parsed once.
#[derive(Clone, Debug, Default)]
pub struct Sort {
    keys: Vec<(Path, bool)>,
    collation: Option<Collation>,
}

impl Sort {
    /// Parses `{field: 1, other: -1}`.
    pub fn parse(pattern: &Document) -> Result<Self> {
        let keys = pattern
            .iter()
            .map(|(key, value)| match value {
                Value::Document(meta) => Ok((text_score(meta)?, true)),
                _ => Ok((path_of(key)?, descending(value)?)),
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            keys,
            collation: None,
        })
    }

    /// The same, texts ordered by a collation.
    #[must_use]
    pub fn under(&self, collation: Option<&Collation>) -> Self {
        Self {
            keys: self.keys.clone(),
            collation: collation.cloned(),
        }
    }

    /// The fields that it sorts by in one direction, and whether that is
    /// downwards; `None` where an index can't have the order.
    pub(crate) fn direction(&self) -> Option<(impl Iterator<Item = &Path>, bool)> {
        let (_, descending) = self.keys.first()?;
        let alike = self.keys.iter().all(|(_, other)| other == descending);
        (alike && !self.needs_score())
            .then(|| (self.keys.iter().map(|(path, _)| path), *descending))
    }

    pub(crate) fn collation(&self) -> Option<&Collation> {
        self.collation.as_ref()
    }

    /// Whether it asks for the score of a `$text`.
    #[must_use]
    pub fn needs_score(&self) -> bool {
        self.keys
            .iter()
            .any(|(path, _)| path.as_str() == text::SCORE)
    }

    /// Whether nothing is to be sorted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What a document is sorted by: of an array the smallest element, or the
    /// largest where the order is descending.
    #[must_use]
    pub fn key(&self, source: &dyn Source) -> Vec<Value> {
        self.keys
            .iter()
            .map(|(path, descending)| self.extreme(source, path, *descending))
            .collect()
    }

    /// The order of two keys that [`Sort::key`] gave.
    #[must_use]
    pub fn compare(&self, left: &[Value], right: &[Value]) -> Ordering {
        for ((_, descending), (l, r)) in self.keys.iter().zip(left.iter().zip(right)) {
            let order = compare::compare(l, r);
            if order.is_ne() {
                return if *descending { order.reverse() } else { order };
            }
        }
        Ordering::Equal
    }

    /// Sorts `items`, of which at most `limit` are needed; equal ones keep
    /// their order.
    pub fn apply<T>(
        &self,
        items: Vec<T>,
        limit: Option<usize>,
        key: impl Fn(&T) -> Vec<Value>,
    ) -> Vec<T> {
        let mut keyed: Vec<_> = items
            .into_iter()
            .enumerate()
            .map(|(at, item)| (key(&item), at, item))
            .collect();
        let order = |l: &(Vec<Value>, usize, T), r: &(Vec<Value>, usize, T)| {
            self.compare(&l.0, &r.0).then(l.1.cmp(&r.1))
        };
        if let Some(limit) = limit.filter(|limit| *limit > 0 && *limit < keyed.len() / 2) {
            keyed.select_nth_unstable_by(limit - 1, order);
            keyed.truncate(limit);
        }
        keyed.sort_unstable_by(order);
        keyed.into_iter().map(|(_, _, item)| item).collect()
    }
}

fn path_of(key: &str) -> Result<Path> {
    match key {
        "" => Err(Error::new(
            15981,
            "FieldPath cannot be constructed with empty string",
        )),
        _ if key.starts_with('$') => Err(Error::new(
            16410,
            format!(
                "FieldPath field names may not start with '$'. Consider using $getField or $setField. {key}"
            ),
        )),
        _ => Ok(Path::new(key)),
    }
}

/// The hidden field of `{$meta: "textScore"}`.
fn text_score(meta: &Document) -> Result<Path> {
    match meta.get("$meta") {
        Some(Value::String(kind)) if meta.len() == 1 && kind == "textScore" => {
            Ok(Path::new(text::SCORE))
        }
        Some(Value::String(kind)) if meta.len() == 1 => Err(Error::new(
            238,
            format!("sorting by $meta '{kind}' is not implemented by this server"),
        )),
        _ => Err(Error::new(
            17312,
            "$meta is the only expression supported by $sort right now",
        )),
    }
}

fn descending(value: &Value) -> Result<bool> {
    match (value, whole_number(value)) {
        (_, Some(1)) => Ok(false),
        (_, Some(-1)) => Ok(true),
        (_, Some(_)) => Err(Error::new(
            15975,
            "$sort key ordering must be 1 (for ascending) or -1 (for descending)",
        )),
        (other, None) => Err(Error::new(
            15974,
            format!(
                "Illegal key in $sort specification: {} is not a direction",
                other.type_name()
            ),
        )),
    }
}

impl Sort {
    /// The value at a path by which a document is sorted.
    fn extreme(&self, source: &dyn Source, path: &Path, descending: bool) -> Value {
        let mut best: Option<Value> = None;
        path::visit(source, path, Leaf::Elements, &mut |value, _| {
            let value = collation::fold(self.collation.as_ref(), value.unwrap_or(&Value::Null));
            let better = best.as_ref().is_none_or(|best| {
                let order = compare::compare(&value, best);
                if descending {
                    order.is_gt()
                } else {
                    order.is_lt()
                }
            });
            if better {
                best = Some(value.into_owned());
            }
            false
        });
        best.unwrap_or(Value::Null)
    }
}
