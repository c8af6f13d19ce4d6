//! One index: what it was asked to be, and its sorted entries.

use std::collections::BTreeSet;
use std::ops::Bound;

use mongolane_bson::{Document, Value};

use super::{RecordId, key};
use crate::collation::{self, Collation};
use crate::geo::Shape;
use crate::path::{self, Leaf, Path, Source};
use crate::query::{Matcher, Node, Predicate, is_truthy, whole_number};
use crate::{Error, Result};

/// An index as `createIndexes` describes it and `listIndexes` shows it.
#[derive(Clone, Debug)]
pub struct IndexSpec {
    /// Its name, unique in the collection.
    pub name: String,
    /// The key pattern.
    pub keys: Document,
    /// Whether two documents may not share a key.
    pub unique: bool,
    /// Whether documents without any of the fields are left out.
    pub sparse: bool,
    /// Only documents that meet this are in the index.
    pub partial: Option<Document>,
    /// Seconds after the indexed date at which a document goes away.
    pub expire_after: Option<i64>,
    /// Whether queries may not use it.
    pub hidden: bool,
    /// How its texts are compared, if not byte by byte.
    pub collation: Option<Collation>,
    /// All of it, as it is listed.
    pub listed: Document,
}

/// The options of an index that this server knows.
const OPTIONS: [&str; 12] = [
    "collation",
    "2dsphereIndexVersion",
    "v",
    "key",
    "name",
    "unique",
    "sparse",
    "partialFilterExpression",
    "expireAfterSeconds",
    "hidden",
    "background",
    "ns",
];

impl IndexSpec {
    /// The index every collection has.
    #[must_use]
    pub fn id() -> Self {
        let mut keys = Document::new();
        keys.push("_id", 1);
        let mut listed = Document::new();
        listed.push("v", 2);
        listed.push("key", keys.clone());
        listed.push("name", "_id_");
        Self {
            name: "_id_".into(),
            keys,
            unique: true,
            sparse: false,
            partial: None,
            expire_after: None,
            hidden: false,
            collation: None,
            listed,
        }
    }

    /// Reads one index of a `createIndexes` command.
    pub fn parse(given: &Document) -> Result<Self> {
        if let Some(unknown) = given.keys().find(|k| !OPTIONS.contains(k)) {
            let message = format!("The field '{unknown}' is not valid for an index specification");
            return Err(Error::new(197, message));
        }
        let keys = match given.get("key") {
            Some(Value::Document(keys)) => keys.clone(),
            _ => {
                return Err(Error::new(
                    9,
                    "The 'key' field is a required property of an index specification",
                ));
            }
        };
        check_keys(&keys)?;
        let name = match given.get("name") {
            Some(Value::String(name)) if name == "*" => {
                return Err(Error::new(2, "The index name '*' is not valid."));
            }
            Some(Value::String(name)) if !name.is_empty() => name.clone(),
            Some(_) => return Err(Error::new(67, "index names must be non-empty text")),
            None => {
                return Err(Error::new(
                    9,
                    "The 'name' field is a required property of an index specification",
                ));
            }
        };
        let collation = match given.get("collation") {
            None => None,
            Some(Value::Document(collation)) => Collation::parse(collation)?,
            Some(_) => return Err(Error::new(14, "The field 'collation' must be an object")),
        };
        let mut spec = Self {
            name,
            keys,
            collation,
            listed: Document::new(),
            ..Self::id()
        };
        spec.options(given)?;
        spec.list(given);
        Ok(spec)
    }

    fn options(&mut self, given: &Document) -> Result<()> {
        let flag = |key: &str| given.get(key).is_some_and(is_truthy);
        (self.unique, self.sparse, self.hidden) = (flag("unique"), flag("sparse"), flag("hidden"));
        self.partial = match given.get("partialFilterExpression") {
            None => None,
            Some(Value::Document(filter)) => {
                check_partial(&Matcher::parse(filter)?)?;
                Some(filter.clone())
            }
            Some(_) => return Err(Error::new(14, "partialFilterExpression must be an object")),
        };
        if self.partial.is_some() && self.sparse {
            return Err(Error::new(
                67,
                "cannot mix \"partialFilterExpression\" and \"sparse\" options",
            ));
        }
        self.expire_after = match given.get("expireAfterSeconds") {
            None => None,
            Some(_) if self.keys.len() > 1 => {
                return Err(Error::new(
                    67,
                    "TTL indexes are single-field indexes, compound indexes do not support TTL.",
                ));
            }
            Some(value) => match whole_number(value) {
                Some(seconds) if (0..=i64::from(i32::MAX)).contains(&seconds) => Some(seconds),
                _ => {
                    return Err(Error::new(
                        67,
                        "TTL index 'expireAfterSeconds' option must be within an acceptable range",
                    ));
                }
            },
        };
        Ok(())
    }

    fn list(&mut self, given: &Document) {
        self.listed.push("v", 2);
        self.listed.push("key", self.keys.clone());
        self.listed.push("name", self.name.as_str());
        for key in [
            "unique",
            "sparse",
            "partialFilterExpression",
            "expireAfterSeconds",
            "hidden",
        ] {
            let Some(value) = given.get(key) else {
                continue;
            };
            match value {
                Value::Document(_) => self.listed.push(key, value.clone()),
                _ if key == "expireAfterSeconds" => self.listed.push(key, value.clone()),
                _ if is_truthy(value) => self.listed.push(key, true),
                _ => {}
            }
        }
        if let Some(collation) = &self.collation {
            self.listed.push("collation", collation.listed().clone());
        }
    }

    /// The same index under a collection's own collation.
    #[must_use]
    pub fn under(mut self, collation: Option<&Collation>) -> Self {
        if let Some(collation) = collation {
            self.listed.push("collation", collation.listed().clone());
            self.collation = Some(collation.clone());
        }
        self
    }

    /// The fields that hold places.
    pub fn geo_fields(&self) -> impl Iterator<Item = &str> {
        let is_place = |value: &Value| matches!(value, Value::String(kind) if is_geo(kind));
        let fields = self.keys.iter().filter(move |(_, value)| is_place(value));
        fields.map(|(field, _)| field.as_str())
    }

    /// Whether two specifications ask for the same index, names aside.
    #[must_use]
    pub fn is_equivalent(&self, other: &Self) -> bool {
        self.is_same_key(other)
            && self.unique == other.unique
            && self.sparse == other.sparse
            && self.expire_after == other.expire_after
    }

    /// Whether two specifications would be the same index but for options.
    #[must_use]
    pub fn is_same_key(&self, other: &Self) -> bool {
        crate::compare::compare_documents(&self.keys, &other.keys).is_eq()
            && self.keys.keys().eq(other.keys.keys())
            && self.partial == other.partial
            && self.collation == other.collation
    }
}

/// Refuses a document whose place is none.
fn check_places(spec: &IndexSpec, source: &dyn Source) -> Result<()> {
    for field in spec.geo_fields() {
        let Some(value) = source.field(field.split('.').next().unwrap_or_default()) else {
            continue;
        };
        let inner = match field.split_once('.') {
            None => Some(&*value),
            Some((_, rest)) => match &*value {
                Value::Document(inner) => path::get(inner, rest),
                _ => None,
            },
        };
        let is_place = match inner {
            None | Some(Value::Null) => true,
            Some(Value::Array(items)) if items.iter().all(|i| Shape::stored(i).is_some()) => true,
            Some(value) => Shape::stored(value).is_some(),
        };
        if !is_place {
            return Err(Error::new(
                16755,
                format!("Can't extract geo keys: '{field}' is no GeoJSON and no [x, y]"),
            ));
        }
    }
    Ok(())
}

fn check_keys(keys: &Document) -> Result<()> {
    if keys.is_empty() {
        return Err(Error::new(67, "Index keys cannot be an empty object"));
    }
    keys.iter().try_for_each(|(field, value)| {
        check_field(field)?;
        check_direction(value)
    })
}

fn check_field(field: &str) -> Result<()> {
    if field.split('.').any(str::is_empty) {
        return Err(Error::new(67, "Index keys cannot contain an empty field"));
    }
    if field.contains("$**") {
        let message = "wildcard indexes are not implemented by this server";
        return Err(Error::new(67, message));
    }
    if field.split('.').any(|part| part.starts_with('$')) {
        let message = format!("Index key contains an illegal field name: {field}");
        return Err(Error::new(67, message));
    }
    Ok(())
}

fn is_geo(kind: &str) -> bool {
    matches!(kind, "2dsphere" | "2d")
}

fn check_direction(value: &Value) -> Result<()> {
    let message = match value {
        Value::String(kind) if kind == "hashed" || is_geo(kind) => return Ok(()),
        Value::String(kind) => format!("index type '{kind}' is not implemented by this server"),
        _ if whole_number(value).is_some_and(|n| n != 0) => return Ok(()),
        other => format!(
            "Values in v:2 index key pattern cannot be of type {}. Only numbers > 0, numbers < 0, \
             and strings are allowed.",
            other.type_name()
        ),
    };
    Err(Error::new(67, message))
}

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
        })
    }

    /// The indexed fields.
    #[must_use]
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// Whether some document gave more than one key.
    #[must_use]
    pub fn is_multikey(&self) -> bool {
        self.multikey
    }

    /// How many bytes the entries have.
    #[must_use]
    pub fn size(&self) -> usize {
        self.entries.iter().map(Vec::len).sum()
    }

    /// The keys of a document in this index.
    pub fn keys(&self, source: &dyn Source) -> Result<Vec<Vec<u8>>> {
        if let Some(partial) = &self.partial
            && partial.find(source)?.is_none()
        {
            return Ok(Vec::new());
        }
        if self.spec.sparse && !self.paths.iter().any(|p| is_there(source, p)) {
            return Ok(Vec::new());
        }
        check_places(&self.spec, source)?;
        let mut keys = match &self.paths[..] {
            [only] => self.single(source, only),
            paths => self.compound(source, paths)?,
        };
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }

    /// The key of one value in this index.
    #[must_use]
    pub fn key_of(&self, value: &Value) -> Vec<u8> {
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

fn record_of(entry: &[u8]) -> RecordId {
    let (_, last) = entry.split_at(entry.len() - 8);
    RecordId::from_be_bytes(<[u8; 8]>::try_from(last).unwrap_or_default())
}

/// Refuses what a partial index's filter may not ask.
fn check_partial(filter: &Matcher) -> Result<()> {
    if is_simple(filter.root()) {
        return Ok(());
    }
    Err(Error::new(
        67,
        "unsupported expression in partial index: it knows equality, $exists: true, $gt, $gte, \
         $lt, $lte, $type, $in, $and and $or",
    ))
}

fn is_simple(node: &Node) -> bool {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().all(is_simple),
        Node::Field(_, Predicate::In(_, patterns)) => patterns.is_empty(),
        Node::Field(_, Predicate::Compare(..) | Predicate::Exists | Predicate::Type(_)) => true,
        _ => false,
    }
}

fn is_there(source: &dyn Source, path: &Path) -> bool {
    path::visit(source, path, Leaf::Whole, &mut |value, _| value.is_some())
}

impl Index {
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
