//! Documents to JSON objects: fields in declared order, defaults for absent ones.

use std::sync::atomic::Ordering::Relaxed;

use mongolane_bson::element as tag;
use mongolane_bson::{MAX_DEPTH, Reader};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::JsonWriter;
use crate::decode::{instance, last_of_each};
use crate::encode::{Encoder, any, fields};
use crate::errors::{Fault, Outcome};
use crate::kind::Kind;
use crate::plan::{Default, Extra, Field, Node, Shape};

/// After so many instances that BSON does not hold just as they are, a class's are
/// expected to be so no more.
const INEXACT: u32 = 16;
/// After so many documents in disorder in one call, order is expected no more.
const DISORDERLY: u32 = 16;

impl<'py> JsonWriter<'py> {
    /// Writes a document of its own.
    pub fn whole(&mut self, reader: Reader<'_>, node: &Node) -> Outcome<()> {
        let shape = node.shape(self.decoder.py)?;
        let start = (self.out.len(), self.places.len());
        if !shape.by_instance() {
            match self.object(reader, shape) {
                Err(Fault::Mismatch) => {
                    self.out.truncate(start.0);
                    self.places.truncate(start.1);
                }
                outcome => return outcome,
            }
        }
        self.by_instance(reader, node, shape)
    }

    /// Writes an embedded document; a mismatch is the outer document's.
    pub fn embedded(&mut self, kind: u8, reader: &mut Reader<'_>, node: &Node) -> Outcome<()> {
        if kind != tag::DOCUMENT {
            return Err(Fault::Mismatch);
        }
        let inner = reader.document()?;
        let shape = node.shape(self.decoder.py)?;
        if shape.by_instance() {
            return Err(Fault::Mismatch);
        }
        if self.depth >= MAX_DEPTH {
            return Err(reader.error("nested too deeply").into());
        }
        self.depth += 1;
        let outcome = self.object(inner, shape);
        self.depth -= 1;
        outcome
    }

    /// Lets pydantic write it.
    #[cold]
    fn by_instance(&mut self, reader: Reader<'_>, node: &Node, shape: &Shape) -> Outcome<()> {
        self.decoder.repeated = false;
        let made = instance(&mut self.decoder, reader, node)?;
        if self.decoder.repeated && !shape.by_instance() {
            let last = last_of_each(&mut self.decoder, reader)?;
            let start = (self.out.len(), self.places.len());
            match self.object(Reader::new(&last)?, shape) {
                Err(Fault::Mismatch) => {
                    self.out.truncate(start.0);
                    self.places.truncate(start.1);
                }
                outcome => return outcome,
            }
        }
        let made = match &shape.again {
            Some(again) => again.bind(self.decoder.py).call1((made,))?,
            None => made,
        };
        if shape.after.is_some() && !shape.json_through && self.exactly(&made, shape)? {
            return Ok(());
        }
        let Some(dump) = &shape.json_dump else {
            let text = made.call_method0("model_dump_json")?;
            self.out
                .extend_from_slice(text.extract::<String>()?.as_bytes());
            return Ok(());
        };
        let bytes = dump.bind(self.decoder.py).call1((made,))?;
        self.out
            .extend_from_slice(bytes.cast::<PyBytes>()?.as_bytes());
        Ok(())
    }

    /// Writes an instance by way of the BSON that it would be stored as, if that says
    /// all of it; false, and nothing written, if not.
    fn exactly(&mut self, made: &Bound<'py, PyAny>, shape: &Shape) -> Outcome<bool> {
        if shape.inexact.load(Relaxed) > INEXACT {
            return Ok(false);
        }
        let start = (self.out.len(), self.places.len());
        self.exact = true;
        let written = self.encoded(made, shape);
        self.exact = false;
        match written {
            Err(Fault::Mismatch | Fault::Encode(_)) => {
                shape.inexact.fetch_add(1, Relaxed);
                self.out.truncate(start.0);
                self.places.truncate(start.1);
                Ok(false)
            }
            written => written.map(|()| true),
        }
    }

    fn encoded(&mut self, made: &Bound<'py, PyAny>, shape: &Shape) -> Outcome<()> {
        let mut encoder = Encoder::new(self.decoder.py)?;
        encoder.exact = true;
        if !made.get_type().is(shape.maker.class(self.decoder.py)) {
            return Err(Fault::Mismatch);
        }
        fields(&mut encoder, made, shape)?;
        self.object(Reader::new(&encoder.out)?, shape)
    }

    fn object(&mut self, reader: Reader<'_>, shape: &Shape) -> Outcome<()> {
        if self.disorder < DISORDERLY {
            let before = self.out.len();
            if self.straight(reader, shape)? {
                return Ok(());
            }
            self.disorder += 1;
            self.out.truncate(before);
        }
        self.by_places(reader, shape)
    }

    /// Writes a document that has all fields in declared order; false, with a part
    /// written, if it has not.
    #[inline]
    fn straight(&mut self, mut reader: Reader<'_>, shape: &Shape) -> Outcome<bool> {
        self.out.push(b'{');
        let mut first = true;
        for field in &shape.fields {
            let kind = loop {
                if let Some(kind) = reader.predicted(&field.key) {
                    break kind;
                }
                if !skip_unknown(&mut reader, shape)? {
                    return Ok(false);
                }
            };
            if let Some(key) = &field.json_key {
                self.comma(&mut first);
                self.out.extend_from_slice(key);
            }
            let written = self.value(kind, &mut reader, field);
            written.map_err(|fault| fault.within(field.key.key()))?;
        }
        self.out.push(b'}');
        while !reader.is_at_end() {
            if !skip_unknown(&mut reader, shape)? {
                return Ok(false);
            }
        }
        Ok(reader.next()?.is_none())
    }

    /// Writes any document: looks for the places of its fields first.
    fn by_places(&mut self, mut reader: Reader<'_>, shape: &Shape) -> Outcome<()> {
        let start = self.places.len();
        self.places.resize(start + shape.fields.len(), None);
        let unknown = self.locate(&mut reader, shape, start)?;
        self.out.push(b'{');
        let mut first = true;
        for (at, field) in shape.fields.iter().enumerate() {
            self.field(&mut reader, field, start + at, &mut first)?;
        }
        if unknown && shape.extra == Extra::Allow {
            self.extra(reader, shape, &mut first)?;
        }
        self.out.push(b'}');
        self.places.truncate(start);
        Ok(())
    }

    /// Finds each field's place; tells whether there are keys that no field has.
    #[inline]
    fn locate(&mut self, reader: &mut Reader<'_>, shape: &Shape, start: usize) -> Outcome<bool> {
        let (mut next, mut unknown) = (0, false);
        loop {
            let expected = shape.fields.get(next);
            let predicted = expected.and_then(|field| reader.predicted(&field.key));
            let (at, kind) = match predicted {
                Some(kind) => (Some(next), kind),
                None => match reader.next()? {
                    Some((kind, key)) => (shape.find(key), kind),
                    None => return Ok(unknown),
                },
            };
            match at {
                Some(at) => {
                    self.places[start + at] = Some((kind, reader.position()));
                    next = at + 1;
                }
                None if shape.extra == Extra::Forbid => return Err(Fault::Mismatch),
                None => unknown = true,
            }
            reader.skip(kind)?;
        }
    }

    #[inline]
    fn field(
        &mut self,
        reader: &mut Reader<'_>,
        field: &Field,
        place: usize,
        first: &mut bool,
    ) -> Outcome<()> {
        let Some(key) = &field.json_key else {
            return self.checked(reader, field, place);
        };
        self.comma(first);
        self.out.extend_from_slice(key);
        let Some((kind, position)) = self.places[place] else {
            return self.default(field);
        };
        reader.seek(position);
        let written = self.value(kind, reader, field);
        written.map_err(|fault| fault.within(field.key.key()))
    }

    /// A field that is not in JSON must still be right for the document to be read.
    fn checked(&mut self, reader: &mut Reader<'_>, field: &Field, place: usize) -> Outcome<()> {
        match self.places[place] {
            Some((kind, position)) => {
                reader.seek(position);
                self.value(kind, reader, field)?;
            }
            None if matches!(field.default, Default::Missing) => return Err(Fault::Mismatch),
            None => {}
        }
        Ok(())
    }

    /// Writes the value under `reader`; nothing for a field that is not in JSON, which
    /// must still be right for the document to be read.
    #[inline]
    fn value(&mut self, kind: u8, reader: &mut Reader<'_>, field: &Field) -> Outcome<()> {
        if field.json_key.is_none() {
            field.kind.decode(&mut self.decoder, kind, reader)?;
            return Ok(());
        }
        match field.by_value {
            true => self.by_value(kind, reader, field),
            false => field.kind.json(self, kind, reader),
        }
    }

    /// JSON of the attribute that the value under `reader` becomes.
    #[cold]
    fn by_value(&mut self, kind: u8, reader: &mut Reader<'_>, field: &Field) -> Outcome<()> {
        let Some(json) = field.json.as_ref().filter(|_| !self.exact) else {
            return Err(Fault::Mismatch);
        };
        let value = field.kind.decode(&mut self.decoder, kind, reader)?;
        self.decoder.large.forget(0);
        self.called(json, &value)
    }

    fn default(&mut self, field: &Field) -> Outcome<()> {
        let py = self.decoder.py;
        match &field.default {
            Default::Missing => Err(Fault::Mismatch),
            Default::Factory(factory) => {
                let value = factory.bind(py).call0()?;
                self.held(field, &value)
            }
            Default::Value(value) => {
                if let Some(known) = field.json_default.get(py) {
                    self.out.extend_from_slice(known);
                    return Ok(());
                }
                let start = self.out.len();
                self.held(field, value.bind(py))?;
                let _ = field.json_default.set(py, self.out[start..].to_vec());
                Ok(())
            }
        }
    }

    /// A default, as the field's callable has it.
    fn held(&mut self, field: &Field, value: &Bound<'py, PyAny>) -> Outcome<()> {
        match &field.json {
            Some(json) => self.called(json, value),
            None => self.attribute(&field.kind, value),
        }
    }

    /// An attribute's value, by way of the BSON it would be stored as.
    fn attribute(&mut self, kind: &Kind, value: &Bound<'py, PyAny>) -> Outcome<()> {
        if let Kind::Through(through) = kind {
            return self.through(through, value);
        }
        let mut encoder = Encoder::new(self.decoder.py)?;
        let start = mongolane_bson::writer::open(&mut encoder.out);
        let mark = mongolane_bson::writer::head(&mut encoder.out, b"");
        let before = encoder.out.len();
        let (stored, kind) = match kind.encode(&mut encoder, value) {
            Err(Fault::Mismatch) => {
                encoder.out.truncate(before);
                (any(&mut encoder, value)?, &Kind::Any)
            }
            stored => (stored?, kind),
        };
        mark.set(&mut encoder.out, stored);
        mongolane_bson::writer::close(&mut encoder.out, start);
        let mut reader = Reader::new(&encoder.out)?;
        reader.next()?;
        kind.json(self, stored, &mut reader)
    }

    fn extra(&mut self, reader: Reader<'_>, shape: &Shape, first: &mut bool) -> Outcome<()> {
        let mut reader = Reader::inside(reader.bytes(), reader.offset() - reader.position())?;
        while let Some((kind, key)) = reader.next()? {
            if shape.find(key).is_some() {
                reader.skip(kind)?;
                continue;
            }
            self.comma(first);
            let name = reader.text(key)?;
            mongolane_bson::json::text(&mut self.out, name);
            self.out.push(b':');
            Kind::Any.json(self, kind, &mut reader)?;
        }
        Ok(())
    }
}

/// Skips an element that nobody wants; false, perhaps with the cursor moved, if
/// there is none here, or if somebody may want it.
fn skip_unknown(reader: &mut Reader<'_>, shape: &Shape) -> Outcome<bool> {
    match reader.next()? {
        Some((kind, key)) if shape.extra == Extra::Ignore && shape.find(key).is_none() => {
            reader.skip(kind).map_err(|error| error.within(key))?;
            Ok(true)
        }
        _ => Ok(false),
    }
}
