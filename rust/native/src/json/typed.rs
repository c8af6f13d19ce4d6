//! One value as its kind has it; anything else is a mismatch.

use mongolane_bson::calendar::{Clock, Moment};
use mongolane_bson::element as tag;
use mongolane_bson::json as write;
use mongolane_bson::{Decimal128, MAX_DEPTH, Reader};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::JsonWriter;
use crate::decode::{double, exactly, integer, is_null, midnight, tagged, value_error};
use crate::errors::{Fault, Outcome};
use crate::kind::{Choice, Container, Kind, List, Through, Union};

/// Refuses a value of another type, or one that a constraint forbids.
#[inline]
fn must(holds: bool) -> Outcome<()> {
    match holds {
        true => Ok(()),
        false => Err(Fault::Mismatch),
    }
}

impl Kind {
    /// Writes the value under `reader`.
    #[inline]
    pub fn json(&self, w: &mut JsonWriter<'_>, kind: u8, reader: &mut Reader<'_>) -> Outcome<()> {
        match self {
            Self::Text(lengths, rules) => {
                must(kind == tag::STRING || kind == tag::SYMBOL)?;
                let text = reader.string_bytes()?;
                let written = match rules {
                    Some(rules) => {
                        let made = rules.made(text, *lengths).ok_or(Fault::Mismatch)?;
                        write::text_bytes(&mut w.out, &made)
                    }
                    None => {
                        must(lengths.allow_text(text))?;
                        write::text_bytes(&mut w.out, text)
                    }
                };
                if !written {
                    return Err(reader.error("text that is not UTF-8").into());
                }
            }
            Self::Int(bounds) => {
                let value = integer(kind, reader)?.ok_or(Fault::Mismatch)?;
                must(bounds.allow_int(w.decoder.py, value)?)?;
                write::integer(&mut w.out, value);
            }
            Self::Float(bounds) => {
                let value = double(kind, reader)?.ok_or(Fault::Mismatch)?;
                must(bounds.allow_float(w.decoder.py, value)?)?;
                write::float(&mut w.out, value);
            }
            Self::Bool => {
                must(kind == tag::BOOL)?;
                write::boolean(&mut w.out, reader.boolean()?);
            }
            Self::ObjectId => {
                must(kind == tag::OBJECT_ID)?;
                write::object_id(&mut w.out, &reader.object_id()?);
            }
            Self::Date { aware } => return date(w, kind, reader, *aware),
            Self::Nullable(_) if is_null(kind) => w.out.extend_from_slice(b"null"),
            Self::Nullable(inner) => return inner.json(w, kind, reader),
            Self::List(list) => return w.array(kind, reader, list),
            Self::Model(node) => return w.embedded(kind, reader, node),
            _ => return self.json_rare(w, kind, reader),
        }
        Ok(())
    }

    fn json_rare(&self, w: &mut JsonWriter<'_>, kind: u8, reader: &mut Reader<'_>) -> Outcome<()> {
        match self {
            Self::Decimal(bounds) => {
                must(kind == tag::DECIMAL128)?;
                let bytes = reader.decimal128()?;
                let text = Decimal128::from_bytes(bytes).to_string();
                must(!text.contains("NaN") && !text.contains("Inf"))?;
                if let crate::limits::Bounds::Python(_) = bounds {
                    let class = w.decoder.types.decimal.bind(w.decoder.py);
                    must(bounds.allow(&class.call1((text,))?)?)?;
                }
                write::decimal(&mut w.out, bytes);
            }
            Self::Decimal128 => {
                must(kind == tag::DECIMAL128)?;
                write::decimal(&mut w.out, reader.decimal128()?);
            }
            Self::Bytes(lengths) => {
                must(kind == tag::BINARY)?;
                let (subtype, bytes) = reader.binary()?;
                must(subtype == 0 && lengths.allow(bytes.len()))?;
                bytes_text(w, bytes)?;
            }
            Self::Uuid => {
                must(kind == tag::BINARY)?;
                let (subtype, bytes) = reader.binary()?;
                must(subtype == 4 && bytes.len() == 16)?;
                write::uuid(&mut w.out, bytes);
            }
            Self::Day => {
                must(kind == tag::DATE_TIME)?;
                let moment = midnight(reader.int64()?).ok_or(Fault::Mismatch)?;
                write::day(&mut w.out, &moment);
            }
            Self::Clock => {
                must(kind == tag::STRING)?;
                let text = reader.string_bytes()?;
                must(Clock::parse(text).is_some() && write::text_bytes(&mut w.out, text))?;
            }
            // Pydantic spells durations.
            Self::Span => return Err(Fault::Mismatch),
            Self::Exactly(class) => {
                let mut ahead = *reader;
                exactly(&mut w.decoder, kind, &mut ahead, class)?;
                return w.any(kind, reader);
            }
            Self::Choice(choice) => return w.choice(kind, reader, choice),
            Self::Fixed(kinds) => return w.fixed(kind, reader, kinds),
            Self::Dict(inner) => return w.dict(kind, reader, inner),
            Self::Union(union) => return w.union(kind, reader, union),
            Self::Through(through) => return w.by_python(through, kind, reader),
            _ => return w.any(kind, reader),
        }
        Ok(())
    }
}

fn date(w: &mut JsonWriter<'_>, kind: u8, reader: &mut Reader<'_>, aware: bool) -> Outcome<()> {
    must(kind == tag::DATE_TIME)?;
    let milliseconds = reader.int64()?;
    must(Moment::new(milliseconds).is_some())?;
    write::date(&mut w.out, milliseconds, aware);
    Ok(())
}

/// Bytes are text in pydantic's JSON; what is no text it refuses itself.
fn bytes_text(w: &mut JsonWriter<'_>, bytes: &[u8]) -> Outcome<()> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::Mismatch)?;
    write::text(&mut w.out, text);
    Ok(())
}

impl<'py> JsonWriter<'py> {
    fn deeper(
        &mut self,
        reader: &Reader<'_>,
        inner: impl FnOnce(&mut Self) -> Outcome<()>,
    ) -> Outcome<()> {
        if self.depth >= MAX_DEPTH {
            return Err(reader.error("nested too deeply").into());
        }
        self.depth += 1;
        let outcome = inner(self);
        self.depth -= 1;
        outcome
    }

    #[inline]
    fn array(&mut self, kind: u8, reader: &mut Reader<'_>, list: &List) -> Outcome<()> {
        must(kind == tag::ARRAY)?;
        let mut inner = reader.document()?;
        let unique = matches!(list.container, Container::Set | Container::FrozenSet);
        self.deeper(reader, |w| {
            w.out.push(b'[');
            let (mut first, mut count) = (true, 0);
            let mut seen = unique.then(std::collections::HashSet::new);
            while let Some((kind, key)) = inner.next()? {
                let before = w.out.len();
                w.comma(&mut first);
                let start = w.out.len();
                let written = list.item.json(w, kind, &mut inner);
                written.map_err(|fault| fault.within(key))?;
                let written = &w.out[start..];
                let old =
                    |seen: &mut std::collections::HashSet<Vec<u8>>| !seen.insert(written.to_vec());
                if seen.as_mut().is_some_and(old) {
                    w.out.truncate(before);
                } else {
                    count += 1;
                }
            }
            must(list.lengths.allow(count))?;
            w.out.push(b']');
            Ok(())
        })
    }

    fn fixed(&mut self, kind: u8, reader: &mut Reader<'_>, kinds: &[Kind]) -> Outcome<()> {
        must(kind == tag::ARRAY)?;
        let mut inner = reader.document()?;
        self.deeper(reader, |w| {
            w.out.push(b'[');
            let mut first = true;
            for item in kinds {
                let (kind, key) = inner.next()?.ok_or(Fault::Mismatch)?;
                w.comma(&mut first);
                let written = item.json(w, kind, &mut inner);
                written.map_err(|fault| fault.within(key))?;
            }
            w.out.push(b']');
            must(inner.next()?.is_none())
        })
    }

    fn dict(&mut self, kind: u8, reader: &mut Reader<'_>, value: &Kind) -> Outcome<()> {
        must(kind == tag::DOCUMENT)?;
        let mut inner = reader.document()?;
        self.deeper(reader, |w| {
            w.out.push(b'{');
            let mut first = true;
            while let Some((kind, key)) = inner.next()? {
                w.comma(&mut first);
                write::text(&mut w.out, inner.text(key)?);
                w.out.push(b':');
                value
                    .json(w, kind, &mut inner)
                    .map_err(|fault| fault.within(key))?;
            }
            w.out.push(b'}');
            Ok(())
        })
    }

    /// Whatever comes. Text, numbers and the like are clear; bytes are text here
    /// too, as pydantic has them.
    fn any(&mut self, kind: u8, reader: &mut Reader<'_>) -> Outcome<()> {
        match kind {
            tag::DOCUMENT => self.dict(kind, reader, &Kind::Any),
            tag::ARRAY => {
                let mut inner = reader.document()?;
                self.deeper(reader, |w| {
                    w.out.push(b'[');
                    let mut first = true;
                    while let Some((kind, key)) = inner.next()? {
                        w.comma(&mut first);
                        w.any(kind, &mut inner).map_err(|fault| fault.within(key))?;
                    }
                    w.out.push(b']');
                    Ok(())
                })
            }
            tag::BINARY => match reader.binary()? {
                (4, bytes) if bytes.len() == 16 => {
                    write::uuid(&mut self.out, bytes);
                    Ok(())
                }
                (_, bytes) => bytes_text(self, bytes),
            },
            tag::CODE_WITH_SCOPE => self.code(reader),
            _ => Ok(write::value(&mut self.out, kind, reader, self.depth)?),
        }
    }

    /// Code is a text to pydantic, which does not see its scope; that must be sound
    /// all the same.
    fn code(&mut self, reader: &mut Reader<'_>) -> Outcome<()> {
        let (code, scope) = reader.code_with_scope()?;
        let start = self.out.len();
        self.deeper(reader, |w| Ok(write::object(&mut w.out, scope, w.depth)?))?;
        self.out.truncate(start);
        write::text(&mut self.out, code);
        Ok(())
    }

    /// The stored value of a member that exists.
    fn choice(&mut self, kind: u8, reader: &mut Reader<'_>, choice: &Choice) -> Outcome<()> {
        match kind {
            tag::STRING | tag::SYMBOL => {
                let text = reader.string()?;
                must(choice.texts.iter().any(|(known, _)| **known == *text))?;
                write::text(&mut self.out, text);
            }
            tag::INT32 | tag::INT64 => {
                let number = integer(kind, reader)?.unwrap_or_default();
                must(choice.ints.iter().any(|(known, _)| *known == number))?;
                write::integer(&mut self.out, number);
            }
            tag::BOOL => {
                let flag = reader.boolean()?;
                must(choice.bools[usize::from(flag)].is_some())?;
                write::boolean(&mut self.out, flag);
            }
            tag::NULL | tag::UNDEFINED => {
                must(choice.null.is_some())?;
                self.out.extend_from_slice(b"null");
            }
            tag::DOUBLE => {
                let number = reader.double()?;
                must(choice.others.bind(self.decoder.py).contains(number)?)?;
                write::float(&mut self.out, number);
            }
            _ => return Err(Fault::Mismatch),
        }
        Ok(())
    }

    fn union(&mut self, kind: u8, reader: &mut Reader<'_>, union: &Union) -> Outcome<()> {
        if kind == tag::DOCUMENT && union.discriminator.is_some() {
            let mut ahead = *reader;
            if let Some(node) = tagged(&mut self.decoder, ahead.document()?, union)? {
                return self.embedded(kind, reader, node);
            }
        }
        let exact = union.alternatives.iter().filter(|known| known.takes(kind));
        let others = union.alternatives.iter().filter(|known| !known.takes(kind));
        let start = (reader.position(), self.out.len(), self.places.len());
        for known in exact.chain(others) {
            reader.seek(start.0);
            match known.json(self, kind, reader) {
                Err(Fault::Mismatch) => {
                    self.out.truncate(start.1);
                    self.places.truncate(start.2);
                }
                outcome => return outcome,
            }
        }
        Err(Fault::Mismatch)
    }

    /// As the kind has it that the value is of besides, if it is that value still; else
    /// from what it becomes.
    fn by_python(&mut self, through: &Through, kind: u8, reader: &mut Reader<'_>) -> Outcome<()> {
        let start = reader.position();
        if let Some(inner) = through.inner.as_ref().filter(|_| through.exact) {
            let (end, places) = (self.out.len(), self.places.len());
            match inner.json(self, kind, reader) {
                Err(Fault::Mismatch) => {
                    reader.seek(start);
                    self.out.truncate(end);
                    self.places.truncate(places);
                }
                outcome => return outcome,
            }
            let made = through.decode(&mut self.decoder, kind, reader)?;
            return self.through(through, &made);
        }
        let made = match through.checked(&mut self.decoder, kind, reader)? {
            Some((held, made)) if held.is(&made) => {
                reader.seek(start);
                let inner = through.inner.as_ref().ok_or(Fault::Mismatch)?;
                return inner.json(self, kind, reader);
            }
            Some((_, made)) => made,
            None => through.decode(&mut self.decoder, kind, reader)?,
        };
        self.through(through, &made)
    }

    /// JSON from the attribute's value, as the field's own callable has it.
    pub fn through(&mut self, through: &Through, value: &Bound<'py, PyAny>) -> Outcome<()> {
        match &through.json {
            Some(json) => self.called(json, value),
            None => Err(Fault::Mismatch),
        }
    }

    /// JSON that a callable makes of a value.
    pub fn called(&mut self, json: &Py<PyAny>, value: &Bound<'py, PyAny>) -> Outcome<()> {
        let made = json.bind(self.decoder.py).call1((value,));
        let made = made.map_err(|error| value_error(self.decoder.py, error))?;
        match made.cast::<PyBytes>() {
            Ok(bytes) => self.out.extend_from_slice(bytes.as_bytes()),
            Err(_) => {
                let text = made.cast::<PyString>()?;
                self.out.extend_from_slice(text.to_str()?.as_bytes());
            }
        }
        Ok(())
    }
}
