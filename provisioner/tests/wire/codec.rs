use bytes::{Bytes, BytesMut};
use chancery_provisioner::drpc::{Kind, MAX_PACKET, Packet, PacketCodec, PacketId, WireError};
use tokio_util::codec::{Decoder as _, Encoder as _};

/// The packets of bytes that arrive in parts, and what ends them.
fn read<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Packet>, Option<String>) {
    let (mut codec, mut bytes, mut packets) = (PacketCodec::default(), BytesMut::new(), Vec::new());
    for part in parts {
        bytes.extend_from_slice(part);
        loop {
            match codec.decode(&mut bytes) {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(error) => return (packets, Some(error.to_string())),
            }
        }
    }
    (packets, None)
}

fn packet(message: u64, kind: Kind, data: &'static [u8]) -> Packet {
    let id = PacketId { stream: 1, message };
    let data = Bytes::from_static(data);
    Packet { id, kind, data }
}

fn written(packets: &[Packet]) -> BytesMut {
    let (mut codec, mut bytes) = (PacketCodec::default(), BytesMut::new());
    for packet in packets {
        codec.encode(packet.clone(), &mut bytes).unwrap();
    }
    bytes
}

fn refused(bytes: &[u8]) -> String {
    read([bytes]).1.unwrap()
}

#[test]
fn frames_are_those_of_the_protocol() {
    let bytes = written(&[
        packet(1, Kind::Invoke, b"/x"),
        packet(2, Kind::Message, b""),
        packet(300, Kind::CloseSend, b""),
    ]);
    let invoke = [0b0000_0011, 1, 1, 2, b'/', b'x'];
    let message = [0b0000_0101, 1, 2, 0];
    let close_send = [0b0000_1101, 1, 0xac, 0x02, 0];
    assert_eq!(bytes, [&invoke[..], &message, &close_send].concat()[..]);
}

#[test]
fn packets_are_the_same_wherever_their_bytes_are_cut() {
    let packets = [
        packet(1, Kind::InvokeMetadata, b"\x0a\x00"),
        packet(
            2,
            Kind::Invoke,
            b"/provisionerd.ProvisionerDaemon/UpdateJob",
        ),
        packet(130, Kind::Message, b"\x0a\x01x"),
        packet(131, Kind::CloseSend, b""),
    ];
    let bytes = written(&packets);
    for cut in 0..=bytes.len() {
        let (front, back) = bytes.split_at(cut);
        assert_eq!(read([front, back]), (packets.to_vec(), None), "{cut}");
        let early = read([front]);
        assert!(packets.starts_with(&early.0) && early.1.is_none(), "{cut}");
    }
    assert_eq!(read(bytes.chunks(1)), (packets.to_vec(), None));
}

#[test]
fn a_packet_of_many_frames_is_put_together() {
    let large = Packet {
        data: vec![7; MAX_PACKET].into(),
        ..packet(1, Kind::Message, b"")
    };
    let bytes = written(std::slice::from_ref(&large));
    assert_eq!(read([&bytes[..]]), (vec![large], None));
    // An end without data is a frame of its own.
    let parts = [
        4, 1, 1, 2, b'a', b'b', 4, 1, 1, 0, 5, 1, 1, 1, b'c', 13, 1, 2, 0,
    ];
    let packets = vec![
        packet(1, Kind::Message, b"abc"),
        packet(2, Kind::CloseSend, b""),
    ];
    assert_eq!(read([&parts[..]]), (packets, None));
}

#[test]
fn a_packet_that_a_later_one_interrupts_is_dropped() {
    let bytes = [4, 1, 1, 2, b'a', b'b', 9, 1, 2, 0];
    let cancel = packet(2, Kind::Cancel, b"");
    assert_eq!(read([&bytes[..]]), (vec![cancel], None));
}

#[test]
fn an_oversized_packet_is_refused_before_its_data_is_there() {
    let larger = MAX_PACKET + 1;
    let mut bytes = BytesMut::new();
    let too_big = PacketCodec::default().encode(
        Packet {
            data: vec![7; larger].into(),
            ..packet(1, Kind::Message, b"")
        },
        &mut bytes,
    );
    assert!(matches!(too_big, Err(WireError::TooBig)));
    let words = "a packet has more than 4194304 bytes";
    // 4194305, and the largest number, as lengths.
    assert_eq!(refused(&[5, 1, 1, 0x81, 0x80, 0x80, 2]), words);
    let largest = [&[5, 1, 1][..], &[0xff; 9], &[1]].concat();
    assert_eq!(refused(&largest), words);
    // Each frame is small enough, both together are not.
    let mut two = vec![4, 1, 1, 0x80, 0x80, 0x80, 2];
    two.resize(two.len() + MAX_PACKET, 7);
    two.extend([5, 1, 1, 1]);
    assert_eq!(refused(&two), words);
}

#[test]
fn frames_out_of_order_are_refused() {
    for bytes in [
        // Call 0, packet 0, a packet twice, a lower packet, a lower call.
        &[5, 0, 1, 0][..],
        &[5, 1, 0, 0],
        &[5, 1, 1, 0, 5, 1, 1, 0],
        &[5, 1, 2, 0, 5, 1, 1, 0],
        &[5, 2, 1, 0, 5, 1, 9, 0],
    ] {
        assert!(refused(bytes).ends_with("comes too late"), "{bytes:?}");
    }
    let highest = [&[5, 1][..], &[0xff; 9], &[1, 0]].concat();
    assert!(refused(&[&highest[..], &highest].concat()).ends_with("comes too late"));
    assert_eq!(
        refused(&[4, 1, 1, 0, 13, 1, 1, 0]),
        "the frames of a packet are of kinds 2 and 6"
    );
}

#[test]
fn an_unknown_kind_is_skipped_only_where_it_says_so() {
    let message = packet(2, Kind::Message, b"");
    for kind in [0, 8, 63_u8] {
        let control = 0x80 | kind << 1 | 1;
        let bytes = [control, 1, 1, 0, 5, 1, 2, 0];
        assert_eq!(read([&bytes[..]]), (vec![message.clone()], None));
        let words = format!("a packet is of the unknown kind {kind}");
        assert_eq!(refused(&[kind << 1 | 1, 1, 1, 0]), words);
    }
}

#[test]
fn a_number_has_64_bits_at_most() {
    for tail in [&[2][..], &[0x81, 0]] {
        let long = [&[5][..], &[0xff; 9], tail].concat();
        assert_eq!(refused(&long), "a frame has a number of more than 64 bits");
    }
    assert_eq!(read([&[5, 0x81, 0, 1, 0][..]]).0.len(), 1);
}
