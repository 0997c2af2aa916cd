//! Who sends the request, and what follows from it for each part of an operation.
//!
//! In webhooks and callbacks the server sends the request and the client answers: what has to be
//! accepted and what has to be expected change places.

use crate::finding::Finding;
use crate::side::Direction;
use serde_json::Value;

/// The one who sends the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Client,
    /// The server, in webhooks and callbacks.
    Server,
}

/// One of the two messages of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    /// Which way it travels, seen from the client.
    pub(crate) direction: Direction,
    /// Whether the one who receives it may choose among the media types that are offered.
    pub(crate) negotiated: bool,
    /// What the rules about it are named after.
    pub(crate) area: &'static str,
}

impl Caller {
    pub(crate) fn is_server(self) -> bool {
        self == Self::Server
    }

    pub(crate) fn request(self) -> Flow {
        match self {
            Self::Client => Flow::new(Direction::Request, false, "request"),
            Self::Server => Flow::new(Direction::Response, false, "webhook-request"),
        }
    }

    pub(crate) fn response(self) -> Flow {
        match self {
            Self::Client => Flow::new(Direction::Response, true, "response"),
            Self::Server => Flow::new(Direction::Request, false, "webhook-response"),
        }
    }

    /// The headers of the response.
    pub(crate) fn headers(self) -> Flow {
        let area = match self {
            Self::Client => "header",
            Self::Server => "webhook-header",
        };
        Flow {
            area,
            ..self.response()
        }
    }

    /// What the rules about the operation itself are named after.
    pub(crate) fn area(self) -> &'static str {
        match self {
            Self::Client => "operation",
            Self::Server => "webhook",
        }
    }
}

impl Flow {
    fn new(direction: Direction, negotiated: bool, area: &'static str) -> Self {
        Self {
            direction,
            negotiated,
            area,
        }
    }

    pub(crate) fn is_sent(self) -> bool {
        self.direction == Direction::Request
    }

    /// With what shows a break, which the client either sends or receives.
    pub(crate) fn shown(self, finding: Finding, reading: &str, instance: Value) -> Finding {
        match self.direction {
            Direction::Request => finding.sent(reading, instance),
            Direction::Response => finding.received(reading, instance),
        }
    }
}
