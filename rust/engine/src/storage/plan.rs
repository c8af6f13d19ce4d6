//! Which index, if any, gives the candidates for a filter.

use std::collections::HashSet;
use std::sync::Arc;

use mongolane_bson::Value;

use super::collection::Collection;
use super::index::{Index, in_order};
use super::{RecordId, key};
use crate::collation::{self, Collation};
use crate::path::Path;
use crate::query::{Comparison, Matcher, Node, Predicate, Sort};
use crate::text::Bound;

/// A way to the candidates; the filter still decides about each.
#[derive(Debug)]
pub enum Plan {
    /// Every document.
    Scan,
    /// These ranges of keys (low, and high which isn't included) of one index.
    Ranges {
        /// The index's place in the collection.
        index: usize,
        /// The ranges.
        ranges: Vec<(Vec<u8>, Vec<u8>)>,
    },
}

/// A way to the candidates in the order of one index.
#[derive(Debug)]
pub struct Order {
    /// The index's place in the collection.
    pub index: usize,
    range: (Vec<u8>, Vec<u8>),
    descending: bool,
}

impl Order {
    /// Whether it goes downwards.
    #[must_use]
    pub fn is_descending(&self) -> bool {
        self.descending
    }

    /// The candidates' numbers.
    pub fn records<'c>(
        &'c self,
        collection: &'c Collection,
    ) -> impl Iterator<Item = RecordId> + 'c {
        in_order(
            &collection.indexes()[self.index],
            &self.range,
            self.descending,
        )
    }
}

type Ranges = Vec<(Vec<u8>, Vec<u8>)>;

impl Plan {
    /// Chooses for `matcher`: `_id` by value first, then whatever index has
    /// the longest equality, then ranges.
    #[must_use]
    pub fn choose(collection: &Collection, matcher: &Matcher) -> Self {
        let mut fields = Vec::new();
        conditions(matcher.root(), &mut fields);
        if let Some(search) = matcher.text() {
            return Self::words(collection, search, &fields);
        }
        if fields.is_empty() {
            return Self::Scan;
        }
        let best = collection
            .indexes()
            .iter()
            .enumerate()
            .filter(|(_, index)| {
                !index.spec.hidden && index.spec.partial.is_none() && index.is_ordered()
            })
            .filter_map(|(at, index)| {
                rate(index, &fields, matcher.variables().collation())
                    .map(|(score, ranges)| (score, at, ranges))
            })
            .max_by_key(|(score, at, _)| (*score, std::cmp::Reverse(*at)));
        match best {
            Some((_, index, ranges)) => Self::Ranges { index, ranges },
            None => Self::Scan,
        }
    }

    /// The same, but by the index that a hint names.
    #[must_use]
    pub fn choose_with(collection: &Collection, matcher: &Matcher, hint: Option<usize>) -> Self {
        let Some(index) = hint.filter(|index| collection.indexes()[*index].is_ordered()) else {
            return Self::choose(collection, matcher);
        };
        let mut fields = Vec::new();
        conditions(matcher.root(), &mut fields);
        let by = matcher.variables().collation();
        let ranges = rate(&collection.indexes()[index], &fields, by).map(|(_, ranges)| ranges);
        Self::Ranges {
            index,
            ranges: ranges.unwrap_or_else(|| vec![(Vec::new(), vec![0xFF])]),
        }
    }

    /// The documents that have one of the words looked for.
    fn words(collection: &Collection, search: &Bound, fields: &[(&str, &Predicate)]) -> Self {
        let is_meant = |index: &Index| index.text().is_some_and(|t| Arc::ptr_eq(t, search.index()));
        let Some(index) = collection.indexes().iter().position(is_meant) else {
            return Self::Scan;
        };
        let mut prefix = Vec::new();
        for field in &search.index().before {
            let value = fields.iter().find_map(|(name, predicate)| match predicate {
                Predicate::Compare(Comparison::Equal, value) if name == field => Some(value),
                _ => None,
            });
            match value {
                Some(value) => key::append(&mut prefix, value),
                None => return Self::Scan,
            }
        }
        let range = |term: &str| whole(&prefix, &key::of(&Value::from(term)));
        Self::Ranges {
            index,
            ranges: search.terms().map(range).collect(),
        }
    }

    /// The way to the candidates in the order of a sort, where an index has it.
    #[must_use]
    pub fn in_order(
        &self,
        collection: &Collection,
        matcher: &Matcher,
        sort: &Sort,
    ) -> Option<Order> {
        let (_, descending) = sort.direction()?;
        if matcher.needs_text_index() || matcher.near().is_some() {
            return None;
        }
        let (index, range) = match self {
            Self::Scan => {
                let mut indexes = collection.indexes().iter();
                let index = indexes.position(|index| has_order(index, 0, sort))?;
                (index, (Vec::new(), vec![0xFF]))
            }
            Self::Ranges { index, ranges } => {
                let [range] = ranges.as_slice() else {
                    return None;
                };
                let chosen = &collection.indexes()[*index];
                (0..=certain(chosen, matcher)).find(|after| has_order(chosen, *after, sort))?;
                (*index, range.clone())
            }
        };
        Some(Order {
            index,
            range,
            descending,
        })
    }

    /// The candidates' numbers, each once.
    #[must_use]
    pub fn records(&self, collection: &Collection) -> Vec<RecordId> {
        match self {
            Self::Scan => collection.records().collect(),
            Self::Ranges { index, ranges } => {
                let index = &collection.indexes()[*index];
                let mut seen = HashSet::new();
                let several = index.is_multikey() || ranges.len() > 1;
                ranges
                    .iter()
                    .flat_map(|(low, high)| index.records_between(low, high))
                    .filter(|record| !several || seen.insert(*record))
                    .collect()
            }
        }
    }
}

/// Whether an index, but for its first `after` fields, has the order of a sort.
fn has_order(index: &Index, after: usize, sort: &Sort) -> bool {
    let Some((wanted, _)) = sort.direction() else {
        return false;
    };
    let wanted: Vec<_> = wanted.collect();
    let given = index.paths().iter().skip(after).take(wanted.len());
    index.is_complete_order()
        && index.spec.collation.as_ref() == sort.collation()
        && given.eq(wanted)
}

/// How many of an index's first fields have a single value in all that is asked for.
fn certain(index: &Index, matcher: &Matcher) -> usize {
    let mut fields = Vec::new();
    conditions(matcher.root(), &mut fields);
    let sees_texts = index.spec.collation.as_ref() == matcher.variables().collation();
    let is_point = |path: &&Path| {
        let mut of_field = fields.iter().filter(|(name, _)| *name == path.as_str());
        of_field.any(|(_, p)| points(p, index, sees_texts).is_some_and(|p| p.len() == 1))
    };
    index.paths().iter().take_while(is_point).count()
}

/// The conditions that every match meets, by field.
fn conditions<'m>(node: &'m Node, out: &mut Vec<(&'m str, &'m Predicate)>) {
    match node {
        Node::And(nodes) => nodes.iter().for_each(|n| conditions(n, out)),
        Node::Field(path, Predicate::Collated(_, inner)) => out.push((path.as_str(), inner)),
        Node::Field(path, predicate) => out.push((path.as_str(), predicate)),
        _ => {}
    }
}

/// How good an index is for the conditions, and what to read of it.
fn rate(
    index: &Index,
    fields: &[(&str, &Predicate)],
    by: Option<&Collation>,
) -> Option<(u32, Ranges)> {
    // Texts lie in the index as its own collation folds them.
    let sees_texts = index.spec.collation.as_ref() == by;
    let mut prefix = Vec::new();
    let mut score = 0;
    for path in index.paths() {
        let of_field = || {
            fields
                .iter()
                .filter(|(name, _)| *name == path.as_str())
                .map(|(_, p)| *p)
        };
        if let Some(points) = of_field().find_map(|p| points(p, index, sees_texts)) {
            // A list of values ends the prefix: its ranges are already apart.
            if points.len() == 1 && !index.is_multikey() {
                prefix.extend_from_slice(&points[0]);
                score += 4;
                continue;
            }
            let ranges = points.iter().map(|point| whole(&prefix, point)).collect();
            return Some((score + if points.len() == 1 { 4 } else { 3 }, ranges));
        }
        let bounds: Vec<_> = of_field()
            .filter_map(|p| bounds(p, index, sees_texts))
            .collect();
        if let Some(range) = meet(&bounds, index.is_multikey()) {
            return Some((score + 2, vec![below(&prefix, range)]));
        }
        break;
    }
    (score > 0).then(|| {
        (
            score + u32::from(index.spec.unique),
            vec![whole(&prefix, &[])],
        )
    })
}

/// The keys of an equality or a list of values.
fn points(predicate: &Predicate, index: &Index, sees_texts: bool) -> Option<Vec<Vec<u8>>> {
    let usable = |value: &Value| match value {
        Value::Array(_) | Value::Undefined | Value::Regex(..) => false,
        Value::Null => !index.spec.sparse,
        _ => sees_texts || !collation::has_text(value),
    };
    match predicate {
        Predicate::Compare(Comparison::Equal, value) if usable(value) => Some(vec![key::of(value)]),
        Predicate::In(values, patterns) if patterns.is_empty() && values.iter().all(usable) => {
            let mut keys: Vec<_> = values.iter().map(key::of).collect();
            keys.sort_unstable();
            keys.dedup();
            Some(keys)
        }
        _ => None,
    }
}

type Bounds = (Vec<u8>, Vec<u8>);

/// The range of keys that a comparison or an anchored pattern allows.
fn bounds(predicate: &Predicate, index: &Index, sees_texts: bool) -> Option<Bounds> {
    match predicate {
        Predicate::Compare(comparison, value)
            if has_range(value) && (sees_texts || !collation::has_text(value)) =>
        {
            let (first, last) = (vec![key::rank(value)], vec![key::rank(value) + 1]);
            let edge = key::bound(value);
            match comparison {
                Comparison::Less | Comparison::LessOrEqual => Some((first, after(&edge))),
                Comparison::Greater | Comparison::GreaterOrEqual => Some((edge, last)),
                Comparison::Equal => None,
            }
        }
        Predicate::Regex(pattern) if index.spec.collation.is_none() => {
            let mut low = key::of(&Value::from(pattern.prefix()?));
            low.truncate(low.len() - 2);
            // Equal regular expressions match too, but only texts are indexed here.
            let high = after(&low);
            Some((low, high))
        }
        _ => None,
    }
}

fn has_range(value: &Value) -> bool {
    match value {
        Value::Double(number) => !number.is_nan(),
        Value::Int32(_) | Value::Int64(_) | Value::String(_) | Value::ObjectId(_) => true,
        Value::DateTime(_) | Value::Timestamp(..) | Value::Bool(_) => true,
        _ => false,
    }
}

/// All bounds together; of a field with arrays only the first, since different
/// elements may meet different bounds.
fn meet(bounds: &[Bounds], multikey: bool) -> Option<Bounds> {
    let (first, rest) = bounds.split_first()?;
    if multikey {
        return Some(first.clone());
    }
    Some(rest.iter().fold(first.clone(), |(low, high), (l, h)| {
        (low.max(l.clone()), high.min(h.clone()))
    }))
}

fn whole(prefix: &[u8], point: &[u8]) -> Bounds {
    let low = [prefix, point].concat();
    let high = after(&low);
    (low, high)
}

fn below(prefix: &[u8], (low, high): Bounds) -> Bounds {
    ([prefix, &low].concat(), [prefix, &high].concat())
}

/// The first byte string after all those that start with `prefix`.
fn after(prefix: &[u8]) -> Vec<u8> {
    let mut out = prefix.to_vec();
    while let Some(last) = out.pop() {
        if last < 0xFF {
            out.push(last + 1);
            return out;
        }
    }
    vec![0xFF; 16]
}
