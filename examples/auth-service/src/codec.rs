//! Writes and reads messages in buffers that small messages fill.
//!
//! tonic sets 8 KiB aside for each message that comes and for each that goes, which is much beside
//! what these messages take. A larger message makes the buffer grow, at once to its own size.

use std::marker::PhantomData;

use prost::Message;
use tonic::codec::{BufferSettings, Codec};
use tonic_prost::ProstCodec;

/// How much is set aside for a message.
const BUFFER: usize = 1024;
/// After how much of a stream's answers others have their turn, as tonic has it.
const TURN: usize = 32 * 1024;

/// prost's encoding, in small buffers. The generated code names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SmallBuffers<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for SmallBuffers<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for SmallBuffers<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = <ProstCodec<T, U> as Codec>::Encoder;
    type Decoder = <ProstCodec<T, U> as Codec>::Decoder;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::raw_encoder(BufferSettings::new(BUFFER, TURN))
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<T, U>::raw_decoder(BufferSettings::new(BUFFER, TURN))
    }
}
