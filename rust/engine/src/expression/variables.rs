//! Variables: which names exist while parsing, which values while evaluating.

use mongolane_bson::{Document, Value};

use crate::collation::Collation;
use crate::{Error, Result};

/// What is known to a whole command: the time it began, how it compares texts,
/// and what its `let` (or `$lookup`'s) binds.
#[derive(Clone, Debug)]
pub struct Variables {
    now: i64,
    collation: Option<Collation>,
    bound: Vec<(String, Option<Value>)>,
}

impl Variables {
    /// No variables but `$$NOW`, in milliseconds since 1970.
    #[must_use]
    pub fn at(now: i64) -> Self {
        Self {
            now,
            collation: None,
            bound: Vec::new(),
        }
    }

    /// The same, texts compared by `collation`.
    #[must_use]
    pub fn under(self, collation: Option<Collation>) -> Self {
        Self { collation, ..self }
    }

    /// How texts are compared, if not byte by byte.
    #[must_use]
    pub fn collation(&self) -> Option<&Collation> {
        self.collation.as_ref()
    }

    /// These and one more; it hides an older one of that name.
    pub fn bind(&mut self, name: impl Into<String>, value: Option<Value>) {
        self.bound.push((name.into(), value));
    }

    /// The names that [`bind`](Self::bind) made known, for parsing.
    #[must_use]
    pub fn names(&self) -> Names<'_> {
        let own = self.bound.iter().map(|(name, _)| name.as_str()).collect();
        Names {
            own,
            ..Names::default()
        }
    }

    fn get(&self, name: &str) -> Result<Option<&Value>> {
        match self.bound.iter().rev().find(|(key, _)| key == name) {
            Some((_, value)) => Ok(value.as_ref()),
            None => Err(undefined(name)),
        }
    }
}

impl Default for Variables {
    fn default() -> Self {
        let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self::at(elapsed.map_or(0, |elapsed| elapsed.as_millis() as i64))
    }
}

/// What using a name that nothing binds is answered with.
pub(super) fn undefined(name: &str) -> Error {
    Error::new(17276, format!("Use of undefined variable: {name}"))
}

/// The names of the variables that an expression may use where it stands.
#[derive(Clone, Debug, Default)]
pub struct Names<'a> {
    own: Vec<&'a str>,
    any: bool,
    outer: Option<&'a Names<'a>>,
}

impl<'a> Names<'a> {
    /// None but the system's.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// Any name; one that nothing binds is refused when it is evaluated.
    #[must_use]
    pub fn any() -> Self {
        Self {
            any: true,
            ..Self::default()
        }
    }

    /// These and some more.
    #[must_use]
    pub fn with(&'a self, own: Vec<&'a str>) -> Self {
        Self {
            own,
            any: false,
            outer: Some(self),
        }
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.own.contains(&name) || self.outer.is_some_and(|outer| outer.contains(name))
    }

    pub(super) fn allows_any(&self) -> bool {
        self.any || self.outer.is_some_and(Names::allows_any)
    }
}

/// Refuses what can't be the name of a user's variable.
///
/// # Errors
/// FailedToParse, as the server says it.
pub fn check_name(name: &str) -> Result<()> {
    let Some(first) = name.chars().next() else {
        return Err(Error::new(9, "empty variable names are not allowed"));
    };
    if name == "CURRENT" {
        return Ok(());
    }
    if first.is_ascii() && !first.is_ascii_lowercase() {
        let message = format!("'{name}' starts with an invalid character for a user variable name");
        return Err(Error::new(9, message));
    }
    match name
        .chars()
        .find(|c| c.is_ascii() && !c.is_ascii_alphanumeric() && *c != '_')
    {
        Some(bad) => {
            let message =
                format!("'{name}' contains an invalid character for a variable name: '{bad}'");
            Err(Error::new(9, message))
        }
        None => Ok(()),
    }
}

/// What an expression sees while it is evaluated: the document, the command's
/// variables, and those of the operators around it.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    root: &'a Document,
    variables: &'a Variables,
    frame: Option<&'a Frame<'a>>,
}

/// One operator's variable on top of those outside.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    name: &'a str,
    value: Option<&'a Value>,
    outer: Option<&'a Frame<'a>>,
}

impl<'a> Scope<'a> {
    /// The scope at the top of an expression.
    #[must_use]
    pub fn new(root: &'a Document, variables: &'a Variables) -> Self {
        Self {
            root,
            variables,
            frame: None,
        }
    }

    /// The same variables around another document.
    pub(crate) fn about(&self, root: &'a Document) -> Self {
        Self { root, ..*self }
    }

    pub(super) fn root(&self) -> &'a Document {
        self.root
    }

    pub(super) fn now(&self) -> i64 {
        self.variables.now
    }

    pub(crate) fn collation(&self) -> Option<&'a Collation> {
        self.variables.collation()
    }

    /// A frame with one variable more, for [`inside`](Self::inside).
    pub(super) fn frame<'b>(&self, name: &'b str, value: Option<&'b Value>) -> Frame<'b>
    where
        'a: 'b,
    {
        Frame {
            name,
            value,
            outer: self.frame,
        }
    }

    pub(super) fn inside<'b>(&self, frame: &'b Frame<'b>) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope {
            root: self.root,
            variables: self.variables,
            frame: Some(frame),
        }
    }

    pub(super) fn get(&self, name: &str) -> Result<Option<&'a Value>> {
        let mut frame = self.frame;
        while let Some(inner) = frame {
            if inner.name == name {
                return Ok(inner.value);
            }
            frame = inner.outer;
        }
        self.variables.get(name)
    }
}
