//! A connection that does as it is told in place of what HTTP asks for.

use crate::wire::{Script, Step};
use bytes::Buf;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// Where a connection is told what to do.
pub(crate) type Told = Arc<Mutex<Option<Script>>>;

/// A connection. While it has a script, what is written goes nowhere.
pub(crate) struct FaultyStream {
    stream: TcpStream,
    told: Told,
    script: Option<Script>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl FaultyStream {
    pub(crate) fn new(stream: TcpStream, told: Told) -> Self {
        Self {
            stream,
            told,
            script: None,
            pause: None,
        }
    }

    /// Does what it was told, to the end: the connection is over then.
    fn act(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.script.is_none() {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            self.script = told.take();
        }
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            let Some(step) = self.script.as_mut().and_then(|script| script.front_mut()) else {
                return Poll::Ready(Ok(()));
            };
            match step {
                Step::Write(bytes) if bytes.has_remaining() => {
                    let count = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
                    bytes.advance(count);
                    continue;
                }
                Step::Write(_) => {}
                Step::Pause(pause) => {
                    let pause = *pause;
                    self.pause = Some(Box::pin(tokio::time::sleep(pause)));
                }
                // Nothing wakes it, until the other side gives up: then reading tells.
                Step::Hang => return Poll::Pending,
                Step::Reset => {
                    self.stream.set_zero_linger()?;
                    return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                }
                Step::Close => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            }
            if let Some(script) = &mut self.script {
                script.pop_front();
            }
        }
    }
}

impl AsyncRead for FaultyStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.act(context))?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.act(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
