//! One index: its sorted entries, and which keys a document has in it.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mongolane_bson::Value;

use super::spec::{IndexSpec, Kind};
use super::{RecordId, key};
use crate::collation;
use crate::path::{self, Leaf, Path, Source};
use crate::query::Matcher;
use crate::text::TextIndex;
use crate::{Error, Result};

/// An index and its entries: keys, each followed by its record's number.
#[derive(Debug)]
pub struct Index {
    /// What it is.
    pub spec: IndexSpec,
    paths: Vec<Path>,
    partial: Option<Matcher>,
    entries: BTreeSet<Vec<u8>>,
    /// Whether some document gave more than one key.
    multikey: bool,
    /// Whether the keys may be out of order: decimals are compared by the
    /// nearest double first.
    inexact: AtomicBool,
}

impl Index {
    /// An empty index.
    pub fn new(spec: IndexSpec) -> Result<Self> {
        let partial = spec.partial.as_ref().map(Matcher::parse).transpose()?;
        let partial = partial.map(|partial| partial.under(spec.collation.as_ref()).into_owned());
        let paths = spec.keys.keys().map(Path::new).collect();
        Ok(Self {
            spec,
            paths,
            partial,
            entries: BTreeSet::new(),
            multikey: false,
            inexact: AtomicBool::new(false),
        })
    }

    /// The indexed fields.
    #[must_use]
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// Whether its keys are the values of its fields, so that it can answer
    /// for any comparison.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        matches!(self.spec.kind, Kind::Ordered)
    }

    /// The text index it is, if it is one.
    #[must_use]
    pub(crate) fn text(&self) -> Option<&Arc<TextIndex>> {
        match &self.spec.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether some document gave more than one key.
    #[must_use]
    pub fn is_multikey(&self) -> bool {
        self.multikey
    }

    /// Whether its entries are in the order that a sort by its fields gives all
    /// documents.
    #[must_use]
    pub fn is_complete_order(&self) -> bool {
        let all = !self.spec.sparse && self.spec.partial.is_none() && !self.spec.hidden;
        all && self.is_ordered() && !self.multikey && !self.inexact.load(Ordering::Relaxed)
    }

    /// How many bytes the entries have.
    #[must_use]
    pub fn size(&self) -> usize {
        self.entries.iter().map(Vec::len).sum()
    }

    /// The keys of a document in this index.
    pub fn keys(&self, source: &dyn Source) -> Result<Vec<Vec<u8>>> {
        self.spec.check_values(source)?;
        if let Some(partial) = &self.partial
            && partial.find(source)?.is_none()
        {
            return Ok(Vec::new());
        }
        if self.spec.sparse && !self.paths.iter().any(|p| is_there(source, p)) {
            return Ok(Vec::new());
        }
        let mut keys = match (&self.spec.kind, &self.paths[..]) {
            (Kind::Text(text), _) => self.words(source, text)?,
            (Kind::Wildcard, _) => return Ok(Vec::new()),
            (Kind::Ordered, [only]) => self.single(source, only),
            (Kind::Ordered, paths) => self.compound(source, paths)?,
        };
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }

    /// The key of one value in this index.
    #[must_use]
    pub fn key_of(&self, value: &Value) -> Vec<u8> {
        if key::is_inexact(value) {
            self.inexact.store(true, Ordering::Relaxed);
        }
        key::of(&collation::fold(self.spec.collation.as_ref(), value))
    }

    /// The record other than `own` that already has one of `keys`, if the
    /// index is unique.
    #[must_use]
    pub fn conflict(&self, keys: &[Vec<u8>], own: Option<RecordId>) -> bool {
        self.spec.unique
            && keys
                .iter()
                .any(|key| self.records_of(key).any(|record| Some(record) != own))
    }

    /// Adds a record under its keys.
    pub fn add(&mut self, keys: Vec<Vec<u8>>, record: RecordId) {
        self.multikey |= keys.len() > 1;
        for mut key in keys {
            key.extend_from_slice(&record.to_be_bytes());
            self.entries.insert(key);
        }
    }

    /// Takes a record out.
    pub fn remove(&mut self, keys: Vec<Vec<u8>>, record: RecordId) {
        for mut key in keys {
            key.extend_from_slice(&record.to_be_bytes());
            self.entries.remove(&key);
        }
    }

    /// The records with exactly this key.
    pub fn records_of(&self, key: &[u8]) -> impl Iterator<Item = RecordId> + '_ {
        let size = key.len() + 8;
        let mut low = key.to_vec();
        let mut high = key.to_vec();
        low.extend_from_slice(&[0; 8]);
        high.extend_from_slice(&[0xFF; 8]);
        self.entries
            .range(low..=high)
            .filter(move |e| e.len() == size)
            .map(|e| record_of(e))
    }

    /// The records from `low` up to, not including, `high`.
    pub fn records_between(&self, low: &[u8], high: &[u8]) -> impl Iterator<Item = RecordId> + '_ {
        let empty = low >= high;
        let bounds = (
            Bound::Included(low.to_vec()),
            Bound::Excluded(if empty { low.to_vec() } else { high.to_vec() }),
        );
        let bounds = if empty {
            (bounds.0, Bound::Included(low.to_vec()))
        } else {
            bounds
        };
        self.entries
            .range::<Vec<u8>, _>(bounds)
            .take_while(move |_| !empty)
            .map(|e| record_of(e))
    }
}

/// The records from `low` up to `high` in the order of their keys, or in the
/// reverse; equal ones in the order of insertion either way.
pub(super) fn in_order<'i>(
    index: &'i Index,
    (low, high): &(Vec<u8>, Vec<u8>),
    descending: bool,
) -> Box<dyn Iterator<Item = RecordId> + 'i> {
    if low >= high {
        return Box::new(std::iter::empty());
    }
    let bounds = (Bound::Included(low.clone()), Bound::Excluded(high.clone()));
    let entries = index.entries.range::<Vec<u8>, _>(bounds);
    if !descending {
        return Box::new(entries.map(|entry| record_of(entry)));
    }
    let mut entries = entries.rev().peekable();
    Box::new(
        std::iter::from_fn(move || {
            let first = entries.next()?;
            let key = &first[..first.len() - 8];
            let mut equals = vec![record_of(first)];
            let is_equal = |entry: &&Vec<u8>| entry[..entry.len() - 8] == *key;
            while let Some(entry) = entries.next_if(is_equal) {
                equals.push(record_of(entry));
            }
            equals.reverse();
            Some(equals)
        })
        .flatten(),
    )
}

fn record_of(entry: &[u8]) -> RecordId {
    let (_, last) = entry.split_at(entry.len() - 8);
    RecordId::from_be_bytes(<[u8; 8]>::try_from(last).unwrap_or_default())
}

fn is_there(source: &dyn Source, path: &Path) -> bool {
    path::visit(source, path, Leaf::Whole, &mut |value, _| value.is_some())
}

impl Index {
    /// The words of a document, each between the fields around the texts.
    fn words(&self, source: &dyn Source, text: &TextIndex) -> Result<Vec<Vec<u8>>> {
        let paths = |names: &[String]| names.iter().map(|n| Path::new(n)).collect::<Vec<_>>();
        let before = self.product(source, &paths(&text.before))?;
        let after = self.product(source, &paths(&text.after))?;
        let mut keys = Vec::new();
        for word in text.scores(&source.whole())?.into_keys() {
            let word = key::of(&Value::String(word));
            for before in &before {
                keys.extend(
                    after
                        .iter()
                        .map(|after| [&before[..], &word, after].concat()),
                );
            }
        }
        Ok(keys)
    }

    fn single(&self, source: &dyn Source, path: &Path) -> Vec<Vec<u8>> {
        let mut keys = Vec::with_capacity(1);
        path::visit(source, path, Leaf::Elements, &mut |value, _| {
            keys.push(self.key_of(value.unwrap_or(&Value::Null)));
            false
        });
        if keys.is_empty() {
            keys.push(key::of(&Value::Null));
        }
        keys
    }

    /// Keys over several fields. Fields below one array are taken element by
    /// element; fields in two different arrays can't be indexed together.
    fn compound(&self, source: &dyn Source, paths: &[Path]) -> Result<Vec<Vec<u8>>> {
        let mut array: Option<(String, Vec<Value>)> = None;
        for path in paths {
            let head = &path.parts()[0];
            if let Some(Value::Array(items)) = source.field(head).as_deref() {
                match &array {
                    Some((other, _)) if other != head => return Err(parallel(head, other)),
                    _ => array = Some((head.clone(), items.clone())),
                }
            }
        }
        let Some((head, mut items)) = array else {
            return self.product(source, paths);
        };
        if items.is_empty() {
            items.push(Value::Undefined);
        }
        let whole = source.whole();
        let mut keys = Vec::new();
        for item in items {
            let mut one = whole.clone().into_owned();
            one.insert(head.clone(), item);
            keys.extend(self.product(&one, paths)?);
        }
        Ok(keys)
    }

    fn product(&self, source: &dyn Source, paths: &[Path]) -> Result<Vec<Vec<u8>>> {
        let mut keys = vec![Vec::new()];
        let mut several: Option<&Path> = None;
        for path in paths {
            let parts = self.single(source, path);
            if parts.len() > 1
                && let Some(other) = several.replace(path)
            {
                return Err(parallel(path.as_str(), other.as_str()));
            }
            keys = keys
                .iter()
                .flat_map(|key| parts.iter().map(|part| [key.as_slice(), part].concat()))
                .collect();
        }
        Ok(keys)
    }
}

fn parallel(one: &str, other: &str) -> Error {
    Error::new(
        171,
        format!("cannot index parallel arrays [{one}] [{other}]"),
    )
}
