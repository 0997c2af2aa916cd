//! Enumerations that a service may add to.

/// Defines an enum of known texts with a variant for all others, which keeps the text: a value that
/// a service adds later is read, and written back as it came.
///
/// ```
/// imperal_runtime::open_enum! {
///     /// What became of a deploy.
///     pub enum Outcome, Other {
///         /// It went well.
///         Success = "success",
///         /// It did not.
///         Failed = "failed",
///     }
/// }
///
/// let outcome: Outcome = serde_json::from_str("\"success\"")?;
/// assert_eq!(outcome, Outcome::Success);
/// let newer = Outcome::from("warning");
/// assert_eq!(newer, Outcome::Other("warning".to_owned()));
/// assert_eq!(serde_json::to_string(&newer)?, "\"warning\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident, $other:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// A value that the document does not name.
            $other(::std::string::String),
        }

        impl $name {
            /// The values that the document names.
            pub const KNOWN: &'static [&'static str] = &[$($text),*];

            /// The value as it is on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::$other(text) => text,
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::$other(other.to_owned()),
                }
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)*
                    _ => Self::$other(text),
                }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(Self::from(text))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl $crate::private::Serialize for $name {
            fn serialize<S: $crate::private::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::private::Deserialize<'de> for $name {
            fn deserialize<D: $crate::private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let text = <::std::string::String as $crate::private::Deserialize>::deserialize(deserializer)?;
                let value = Self::from(text);
                if ::std::matches!(value, Self::$other(_)) {
                    $crate::private::note_new_value();
                }
                ::std::result::Result::Ok(value)
            }
        }

        $crate::open_enum_schema!($name);
    };
}

/// The JSON Schema of an open enum: any text.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum_schema {
    ($name:ident) => {
        impl $crate::private::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                ::std::stringify!($name).into()
            }

            fn json_schema(
                _: &mut $crate::private::schemars::SchemaGenerator,
            ) -> $crate::private::schemars::Schema {
                $crate::private::schemars::json_schema!({ "type": "string", "examples": Self::KNOWN })
            }
        }
    };
}

/// Without the feature there is none.
#[cfg(not(feature = "schemars"))]
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum_schema {
    ($name:ident) => {};
}
