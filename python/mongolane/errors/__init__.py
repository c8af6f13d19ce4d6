"""
Everything that can go wrong, by name.

Whoever catches PyMongo's class catches ours too, and ``MongolaneError`` catches
them all::

    MongolaneError
    |- NotConnectedError              (RuntimeError)
    |- ConfigurationError             (pymongo ConfigurationError)
    |- BSONError                      (bson InvalidBSON, ValueError)
    |- EncodeError                    (bson InvalidDocument, ValueError)
    |- QueryError                     (ValueError)
    |  `- UnknownFieldError           (AttributeError)
    |- DocumentDecodeError            (ValueError)
    |- VersionConflictError
    |- NotFoundError                  (LookupError)
    |- DocumentError                  (ValueError; DocumentInsertError and its kin)
    |- FieldError                     (ValueError; StringLengthError and its kin)
    |- ServerSelectionTimeoutError    (pymongo, the same name)
    |- NetworkError                   (pymongo AutoReconnect)
    |  |- NetworkTimeoutError         (pymongo NetworkTimeout, TimeoutError)
    |  `- ProtocolError               (pymongo ProtocolError)
    |- WaitQueueTimeoutError          (pymongo, the same name)
    `- ServerError                    (pymongo OperationFailure)
       |- AuthenticationError
       |- CursorNotFoundError         (pymongo CursorNotFound)
       |- ExecutionTimeoutError       (pymongo ExecutionTimeout)
       |- NotPrimaryError             (pymongo NotPrimaryError)
       |- WriteError                  (pymongo WriteError)
       |  `- DuplicateKeyError        (pymongo, the same name)
       |- WriteConcernError           (pymongo, the same name)
       `- BulkWriteError              (pymongo, the same name)

Messages say what, where and which value, in lower case. Facts are attributes.
Nothing here ever holds a password.
"""

from ._base import (
    BSONError,
    ConfigurationError,
    DocumentDecodeError,
    EncodeError,
    MongolaneError,
    NotConnectedError,
    NotFoundError,
    QueryError,
    UnknownFieldError,
    VersionConflictError,
)
from ._documents import (
    DocumentAggregationError,
    DocumentDeleteError,
    DocumentError,
    DocumentInsertError,
    DocumentNotFoundError,
    DocumentUpdateError,
    DocumentValidationError,
)
from ._fields import (
    BinaryDecodingError,
    BinaryFieldError,
    BooleanFieldError,
    DateTimeFieldError,
    DateTimeFormatError,
    DateTimeValueError,
    EmbeddedDocumentFieldError,
    EmbeddedDocumentTypeError,
    EnumFieldError,
    FieldError,
    FloatFieldError,
    FloatRangeError,
    FloatValueError,
    GeoCoordinateError,
    GeoJSONFieldError,
    IntegerFieldError,
    IntegerRangeError,
    IntegerValueError,
    InvalidBinaryTypeError,
    InvalidEnumTypeError,
    InvalidEnumValueError,
    ListFieldError,
    ListItemTypeError,
    ListValueTypeError,
    MissingTypeAnnotationError,
    ReferenceConversionError,
    ReferenceFieldError,
    ReferenceTypeError,
    ReferenceValueError,
    StringFieldError,
    StringLengthError,
    StringPatternError,
    StringValueError,
)
from ._server import (
    AuthenticationError,
    BulkWriteError,
    CursorNotFoundError,
    DuplicateKeyError,
    ExecutionTimeoutError,
    NetworkError,
    NetworkTimeoutError,
    NotPrimaryError,
    ProtocolError,
    ServerError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
    WriteError,
    from_reply,
    from_write_error,
)

__all__ = [
    "AuthenticationError",
    "BSONError",
    "BinaryDecodingError",
    "BinaryFieldError",
    "BooleanFieldError",
    "BulkWriteError",
    "ConfigurationError",
    "CursorNotFoundError",
    "DateTimeFieldError",
    "DateTimeFormatError",
    "DateTimeValueError",
    "DocumentAggregationError",
    "DocumentDecodeError",
    "DocumentDeleteError",
    "DocumentError",
    "DocumentInsertError",
    "DocumentNotFoundError",
    "DocumentUpdateError",
    "DocumentValidationError",
    "DuplicateKeyError",
    "EmbeddedDocumentFieldError",
    "EmbeddedDocumentTypeError",
    "EncodeError",
    "EnumFieldError",
    "ExecutionTimeoutError",
    "FieldError",
    "FloatFieldError",
    "FloatRangeError",
    "FloatValueError",
    "GeoCoordinateError",
    "GeoJSONFieldError",
    "IntegerFieldError",
    "IntegerRangeError",
    "IntegerValueError",
    "InvalidBinaryTypeError",
    "InvalidEnumTypeError",
    "InvalidEnumValueError",
    "ListFieldError",
    "ListItemTypeError",
    "ListValueTypeError",
    "MissingTypeAnnotationError",
    "MongolaneError",
    "NetworkError",
    "NetworkTimeoutError",
    "NotConnectedError",
    "NotFoundError",
    "NotPrimaryError",
    "ProtocolError",
    "QueryError",
    "ReferenceConversionError",
    "ReferenceFieldError",
    "ReferenceTypeError",
    "ReferenceValueError",
    "ServerError",
    "ServerSelectionTimeoutError",
    "StringFieldError",
    "StringLengthError",
    "StringPatternError",
    "StringValueError",
    "UnknownFieldError",
    "VersionConflictError",
    "WaitQueueTimeoutError",
    "WriteConcernError",
    "WriteError",
    "from_reply",
    "from_write_error",
]
