"""The signatures of a PDF taken out by bytes, so that other programs can judge them. Reads what tsp
writes (well-formed files); judges nothing itself."""
import re

SIGNATURE_TIMESTAMP = bytes.fromhex("060b2a864886f70d010910020e")   # 1.2.840.113549.1.9.16.2.14


class Signature:
    """cms: the DER of /Contents without its padding; content: the signed octets."""

    def __init__(self, data, numbers):
        first, size, second, rest = numbers
        gap = data[first + size:second]
        assert gap[:1] == b"<" and gap[-1:] == b">", "the gap is not one hex string"
        octets = bytes.fromhex(gap[1:-1].decode())
        self.cms = octets[:element(octets, 0)[2]]
        self.content = data[first:first + size] + data[second:second + rest]
        self.covers_all = first == 0 and second + rest == len(data)


def element(der, at):
    """(tag, begin of content, end) of the element at `at`."""
    length, begin = der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7f
        length, begin = int.from_bytes(der[begin:begin + size], "big"), begin + size
    return der[at], begin, begin + length


def children(der, at):
    _, at, end = element(der, at)
    while at < end:
        yield at
        at = element(der, at)[2]


def signatures(data):
    """In the order of the file."""
    ranges = re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data)
    return [Signature(data, [int(n) for n in found.groups()]) for found in ranges]


def signer_info(cms):
    """Places of the elements of the only SignerInfo, RFC 5652 5.3."""
    signed_data = list(children(cms, list(children(cms, 0))[1]))[0]
    infos = list(children(cms, signed_data))[-1]
    return list(children(cms, list(children(cms, infos))[0]))


def signature_value(cms):
    octet_strings = [at for at in signer_info(cms) if cms[at] == 0x04]
    _, begin, end = element(cms, octet_strings[-1])
    return cms[begin:end]


def timestamp(cms):
    """The signature time-stamp's token, or None."""
    last = signer_info(cms)[-1]
    if cms[last] != 0xa1:
        return None
    for attribute in children(cms, last):
        oid, values = children(cms, attribute)
        if cms[oid:values] == SIGNATURE_TIMESTAMP:
            token = list(children(cms, values))[0]
            return cms[token:element(cms, token)[2]]
    return None
