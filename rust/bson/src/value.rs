//! Owned BSON values: what a program holds that computes with documents.

/// One BSON value of any type of the specification, deprecated ones included.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// 0x01, a double. NaN payloads and the sign of zero are kept.
    Double(f64),
    /// 0x02, UTF-8 text.
    String(String),
    /// 0x03, an embedded document.
    Document(Document),
    /// 0x04, an array. Its keys are not kept: position alone counts.
    Array(Vec<Value>),
    /// 0x05, bytes with their subtype.
    Binary(u8, Vec<u8>),
    /// 0x06, deprecated.
    Undefined,
    /// 0x07, twelve bytes.
    ObjectId([u8; 12]),
    /// 0x08.
    Bool(bool),
    /// 0x09, milliseconds since 1970-01-01T00:00:00Z.
    DateTime(i64),
    /// 0x0A.
    Null,
    /// 0x0B, pattern and options.
    Regex(String, String),
    /// 0x0C, deprecated: namespace and id.
    DbPointer(String, [u8; 12]),
    /// 0x0D.
    Code(String),
    /// 0x0E, deprecated.
    Symbol(String),
    /// 0x0F, deprecated: code with its scope.
    CodeWithScope(String, Document),
    /// 0x10.
    Int32(i32),
    /// 0x11: seconds and increment.
    Timestamp(u32, u32),
    /// 0x12.
    Int64(i64),
    /// 0x13, the sixteen bytes of IEEE 754-2008 decimal128, little-endian.
    Decimal128([u8; 16]),
    /// 0xFF, smaller than everything.
    MinKey,
    /// 0x7F, larger than everything.
    MaxKey,
}

/// An ordered list of keys and values. Duplicate keys are kept as they came;
/// [`Document::get`] answers with the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document(Vec<(String, Value)>);

impl Document {
    /// An empty document.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of `key`, if it is there.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The value of `key` for changing in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Whether `key` is there.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Replaces the value of `key` where it stands, or appends it.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        match self.get_mut(&key) {
            Some(slot) => *slot = value,
            None => self.0.push((key, value)),
        }
    }

    /// Appends without looking whether `key` is there already.
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.0.push((key.into(), value.into()));
    }

    /// Takes `key` out and gives its value back.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|(k, _)| k == key)?;
        Some(self.0.remove(at).1)
    }

    /// How many elements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The elements in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, (String, Value)> {
        self.0.iter()
    }

    /// The elements in their order, values changeable.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, (String, Value)> {
        self.0.iter_mut()
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(k, _)| k.as_str())
    }
}

impl FromIterator<(String, Value)> for Document {
    fn from_iter<T: IntoIterator<Item = (String, Value)>>(iter: T) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl IntoIterator for Document {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Document {
    type Item = &'a (String, Value);
    type IntoIter = std::slice::Iter<'a, (String, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! {
    f64 => Double, String => String, &str => String, Document => Document,
    Vec<Value> => Array, bool => Bool, i32 => Int32, i64 => Int64, [u8; 12] => ObjectId,
}

impl Value {
    /// The type's name as MongoDB's `$type` operator gives it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Double(_) => "double",
            Self::String(_) => "string",
            Self::Document(_) => "object",
            Self::Array(_) => "array",
            Self::Binary(..) => "binData",
            Self::Undefined => "undefined",
            Self::ObjectId(_) => "objectId",
            Self::Bool(_) => "bool",
            Self::DateTime(_) => "date",
            Self::Null => "null",
            Self::Regex(..) => "regex",
            Self::DbPointer(..) => "dbPointer",
            Self::Code(_) => "javascript",
            Self::Symbol(_) => "symbol",
            Self::CodeWithScope(..) => "javascriptWithScope",
            Self::Int32(_) => "int",
            Self::Timestamp(..) => "timestamp",
            Self::Int64(_) => "long",
            Self::Decimal128(_) => "decimal",
            Self::MinKey => "minKey",
            Self::MaxKey => "maxKey",
        }
    }
}
