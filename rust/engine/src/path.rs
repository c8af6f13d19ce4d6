//! Dotted paths through documents and arrays, by MongoDB's rules.
//!
//! A path that meets an array on its way goes into every document in it, and
//! also to one position where its next part is a number. What happens to an
//! array at the path's end is the caller's choice ([`Leaf`]).

use std::borrow::Cow;

use mongolane_bson::{Document, Value, document};

/// Something whose top-level fields can be asked for one by one.
pub trait Source {
    /// The value of the top-level field `name`.
    fn field(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// The whole of it.
    fn whole(&self) -> Cow<'_, Document>;
}

impl Source for Document {
    fn field(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.get(name).map(Cow::Borrowed)
    }

    fn whole(&self) -> Cow<'_, Document> {
        Cow::Borrowed(self)
    }
}

/// A stored document: checked BSON bytes, of which only the field asked for
/// is built.
#[derive(Clone, Copy)]
pub struct Raw<'a>(pub &'a [u8]);

impl Source for Raw<'_> {
    fn field(&self, name: &str) -> Option<Cow<'_, Value>> {
        document::field(self.0, name).ok().flatten().map(Cow::Owned)
    }

    fn whole(&self) -> Cow<'_, Document> {
        Cow::Owned(Document::from_bytes(self.0).unwrap_or_default())
    }
}

/// A dotted path, split once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    text: String,
    parts: Vec<String>,
}

impl Path {
    /// Splits `text` at its dots.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            parts: text.split('.').map(str::to_owned).collect(),
        }
    }

    /// The path as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its parts.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.parts
    }
}

/// What to do with an array at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// Only the array itself.
    Whole,
    /// Every element, then the array itself.
    Both,
    /// Every element; an empty array counts as `undefined`. How sorts and
    /// indexes see arrays.
    Elements,
}

/// What [`visit`] tells its visitor: the value (`None` where the path ends in
/// nothing) and the position in the outermost array on the way.
pub type Visitor<'v> = dyn FnMut(Option<&Value>, Option<usize>) -> bool + 'v;

/// Shows the visitor every value that `path` reaches, until it answers true.
pub fn visit(source: &dyn Source, path: &Path, leaf: Leaf, visitor: &mut Visitor<'_>) -> bool {
    match source.field(&path.parts[0]) {
        Some(value) => walk(&value, &path.parts[1..], leaf, None, visitor),
        None => visitor(None, None),
    }
}

/// As [`visit`], from a value instead of a document: the rest of a path.
pub fn walk(
    value: &Value,
    rest: &[String],
    leaf: Leaf,
    at: Option<usize>,
    visitor: &mut Visitor<'_>,
) -> bool {
    match (rest.split_first(), value) {
        (None, Value::Array(items)) => end_in_array(value, items, leaf, at, visitor),
        (None, _) => visitor(Some(value), at),
        (Some((part, rest)), Value::Document(inner)) => match inner.get(part) {
            Some(value) => walk(value, rest, leaf, at, visitor),
            None => visitor(None, at),
        },
        (Some((part, after)), Value::Array(items)) => {
            through_array(items, part, rest, after, leaf, at, visitor)
        }
        (Some(_), _) => visitor(None, at),
    }
}

fn end_in_array(
    value: &Value,
    items: &[Value],
    leaf: Leaf,
    at: Option<usize>,
    visitor: &mut Visitor<'_>,
) -> bool {
    if leaf != Leaf::Whole {
        for (position, item) in items.iter().enumerate() {
            if visitor(Some(item), at.or(Some(position))) {
                return true;
            }
        }
    }
    match leaf {
        Leaf::Elements => items.is_empty() && visitor(Some(&Value::Undefined), at),
        _ => visitor(Some(value), at),
    }
}

fn through_array(
    items: &[Value],
    part: &str,
    rest: &[String],
    after: &[String],
    leaf: Leaf,
    at: Option<usize>,
    visitor: &mut Visitor<'_>,
) -> bool {
    let wanted = position(part);
    // For sorts and indexes a position that is there means that element alone.
    if leaf == Leaf::Elements
        && let Some(item) = wanted.and_then(|wanted| items.get(wanted))
    {
        return walk_position(item, after, leaf, at.or(wanted), visitor);
    }
    for (index, item) in items.iter().enumerate() {
        let here = at.or(Some(index));
        if matches!(item, Value::Document(_)) && walk(item, rest, leaf, here, visitor) {
            return true;
        }
        if wanted == Some(index) && walk_position(item, after, leaf, here, visitor) {
            return true;
        }
    }
    false
}

/// A part named a position: its element stands for itself, and only a document
/// or an array can be gone into.
fn walk_position(
    item: &Value,
    after: &[String],
    leaf: Leaf,
    at: Option<usize>,
    visitor: &mut Visitor<'_>,
) -> bool {
    match item {
        _ if after.is_empty() && leaf == Leaf::Both => visitor(Some(item), at),
        _ if after.is_empty() => walk(item, after, leaf, at, visitor),
        Value::Document(_) | Value::Array(_) => walk(item, after, leaf, at, visitor),
        _ => false,
    }
}

/// The array position that a part names: digits, and no leading zero.
#[must_use]
pub fn position(part: &str) -> Option<usize> {
    let plain = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain || (part.len() > 1 && part.starts_with('0')) {
        None
    } else {
        part.parse().ok()
    }
}

/// Every value that `path` reaches, as `distinct` and multikey indexes want
/// them: arrays at the end are opened, missing ones left out.
#[must_use]
pub fn values(source: &dyn Source, path: &Path) -> Vec<Value> {
    let mut found = Vec::new();
    visit(source, path, Leaf::Elements, &mut |value, _| {
        found.extend(value.filter(|v| !matches!(v, Value::Undefined)).cloned());
        false
    });
    found
}

/// The one value at `path` when arrays are not opened but for positions.
#[must_use]
pub fn get<'d>(document: &'d Document, path: &str) -> Option<&'d Value> {
    let mut parts = path.split('.');
    let mut value = document.get(parts.next()?)?;
    for part in parts {
        value = match value {
            Value::Document(inner) => inner.get(part)?,
            Value::Array(items) => items.get(position(part)?)?,
            _ => return None,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(key: &str, value: impl Into<Value>) -> Document {
        let mut document = Document::new();
        document.push(key, value);
        document
    }

    fn seen(document: &Document, path: &str, leaf: Leaf) -> Vec<Option<Value>> {
        let mut seen = Vec::new();
        visit(document, &Path::new(path), leaf, &mut |value, _| {
            seen.push(value.cloned());
            false
        });
        seen
    }

    #[test]
    fn arrays_on_the_way_are_opened() {
        let items = vec![
            Value::from(doc("b", 1)),
            Value::from(doc("c", 2)),
            Value::from(3),
        ];

        assert_eq!(
            vec![Some(Value::Int32(1)), None],
            seen(&doc("a", items), "a.b", Leaf::Both)
        );
    }

    #[test]
    fn a_number_names_a_position() {
        let document = doc(
            "a",
            vec![Value::from(doc("b", 1)), Value::from(doc("b", 2))],
        );

        assert_eq!(
            vec![None, None, Some(Value::Int32(2))],
            seen(&document, "a.1.b", Leaf::Both)
        );
    }

    #[test]
    fn a_sort_sees_one_position_alone() {
        let items = vec![Value::from(doc("b", 1)), Value::from(doc("b", 2))];
        let document = doc("a", items.clone());

        assert_eq!(
            vec![Some(items[1].clone())],
            seen(&document, "a.1", Leaf::Elements)
        );
        assert_eq!(
            vec![Some(Value::Int32(2))],
            seen(&document, "a.1.b", Leaf::Elements)
        );
    }

    #[test]
    fn an_array_at_the_end_is_shown_as_asked() {
        let items = vec![Value::from(1), Value::from(2)];
        let whole = Some(Value::Array(items.clone()));
        let document = doc("a", items);
        let (one, two) = (Some(Value::Int32(1)), Some(Value::Int32(2)));

        assert_eq!(vec![whole.clone()], seen(&document, "a", Leaf::Whole));
        assert_eq!(
            vec![one.clone(), two.clone(), whole],
            seen(&document, "a", Leaf::Both)
        );
        assert_eq!(vec![one, two], seen(&document, "a", Leaf::Elements));
    }

    #[test]
    fn nothing_in_an_empty_array() {
        let document = doc("a", Vec::<Value>::new());

        assert!(seen(&document, "a.b", Leaf::Both).is_empty());
        assert_eq!(
            vec![Some(Value::Undefined)],
            seen(&document, "a", Leaf::Elements)
        );
    }
}
