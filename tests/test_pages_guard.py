"""Which addresses are public, and how an address is taken apart."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import PageError
from bot.pages.guard import Address, Place, is_public, place_of, require_public


def ip(text: str) -> Address:
    return ipaddress.ip_address(text)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255",
     "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "172.15.255.255",
     "172.32.0.0", "192.0.1.0", "192.167.255.255", "198.17.255.255", "198.20.0.0", "210.89.160.88",
     "223.255.255.255", "2001:200::1", "2001:4860:4860::8888", "2606:4700:4700::1111",
     "2a01:e0a::1", "64:ff9b::8.8.8.8"],
)  # fmt: skip
def test_what_everybody_can_reach_is_public(address: str) -> None:
    assert is_public(ip(address))


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200",
     "100.127.255.255", "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.0.0",
     "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.9", "192.0.0.192", "192.0.2.1",
     "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255",
     "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
     "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
     "::ffff:0:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::10.0.0.1",
     "64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
     "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1",
     "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1",
     "fe80::1%1", "fec0::1", "ff02::1", "ff0e::1"],
)  # fmt: skip
def test_what_lies_behind_somebodys_door_is_not(address: str) -> None:
    assert not is_public(ip(address))


@settings(deadline=None)
@given(st.ip_addresses())
def test_nothing_is_public_that_python_itself_holds_for_private(address: Address) -> None:
    if is_public(address) and address not in ipaddress.ip_network("64:ff9b::/96", strict=False):
        assert address.is_global
        assert not address.is_multicast


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_what_leads_to_an_address_of_the_old_internet_is_judged_by_that(
    address: ipaddress.IPv4Address,
) -> None:
    assert is_public(ip(f"64:ff9b::{address}")) == is_public(address)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://www.tours.example", "https://www.tours.example/"),
        ("  https://www.tours.example/a?b=c#d\n", "https://www.tours.example/a?b=c"),
        ("HTTPS://WWW.Tours.Example/A", "https://www.tours.example/A"),
        ("http://tours.example:80/", "http://tours.example/"),
        ("http://tours.example:443/", "http://tours.example:443/"),
        ("https://tours.example:80/", "https://tours.example:80/"),
        ("https://tours.example./a", "https://tours.example/a"),
        ("https://수원.한국/소식", "https://xn--9p4bi0g.xn--3e0b707e/%EC%86%8C%EC%8B%9D"),
        ("https://École.example/é", "https://xn--cole-9oa.example/%C3%A9"),
        ("https://93.184.216.34/a", "https://93.184.216.34/a"),
        ("https://[2606:4700:4700:0::1111]/", "https://[2606:4700:4700::1111]/"),
        ("https://a_b.example/", "https://a_b.example/"),
        ("https://1.example1/", "https://1.example1/"),
    ],
)
def test_an_address_is_taken_apart_and_put_together_again(address: str, url: str) -> None:
    assert place_of(address).url == url


def test_a_place_is_shown_as_people_write_it() -> None:
    assert place_of("https://수원.한국/소식").shown == "수원.한국"
    assert Place("https", "xn--a.example", 443, "/").shown == "xn--a.example"


@pytest.mark.parametrize(
    "address",
    ["", "tours.example", "//tours.example/", "/a", "ftp://tours.example/", "file:///etc/passwd",
     "gopher://tours.example/", "data:text/html,a", "javascript:alert(1)", "http:", "http://",
     "http:///a", "http://[", "http://[::1", "http://a b.example/", "http://tours.example\\@a/",
     "http://tours.example:99999/", "http://tours.example:x/", "http://127.1/", "http://0x7f.1/",
     "http://2130706433/", "http://017700000001/", "http://0177.0.0.1/", "http://0x7f000001/",
     "http://127.0.0.0x1/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://[::1%25lo]/",
     "http://[fe80::1%lo]/", "http://127。0。0。1/", "http://tours..example/", "http://./",
     "http://tours.example../", "http://tours\x00.example/", "http://tours.example/\r\nHost:a",
     "http://tours\u00ad.example/", "http://１２７.０.０.１/", "http://①②⑦.0.0.1/", "http://*.example/",
     f"http://{'a' * 64}.example/", f"http://{'a.' * 130}example/", "http://a/" + "b" * 5000],
)  # fmt: skip
def test_what_is_no_clear_address_of_the_web_is_refused(address: str) -> None:
    with pytest.raises(PageError, match="not the address of a web page"):
        place_of(address)


@pytest.mark.parametrize(
    "address", ["https://clerk@tours.example/", "https://clerk:secret@tours.example/"]
)
def test_a_name_or_a_password_in_an_address_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(PageError, match="a password") as caught:
        place_of(address)
    assert "clerk" not in str(caught.value)


@pytest.mark.parametrize("port", [0, 1, 22, 25, 79, 81, 3128, 5432, 6379, 8080, 8443, 9200, 65535])
def test_only_the_usual_ports_are_read(port: int) -> None:
    with pytest.raises(PageError, match="usual ports"):
        place_of(f"http://tours.example:{port}/")


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/", "http://127.0.0.1./", "http://%31%32%37.0.0.1/", "http://[::1]/",
     "http://[::ffff:7f00:1]/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data",
     "http://localhost/", "http://LOCALHOST./", "http://desk.localhost/", "http://0.0.0.0/"],
)  # fmt: skip
def test_an_address_within_is_refused_before_any_name_is_looked_up(address: str) -> None:
    with pytest.raises(PageError, match="inside a private network"):
        place_of(address)


def test_one_address_within_among_public_ones_is_enough_to_be_refused() -> None:
    place = place_of("https://tours.example/")
    public, within = ip("93.184.216.34"), ip("10.0.0.1")
    require_public(place, [public, public], loopback_only=False)
    for addresses in ([public, within], [within, public]):
        with pytest.raises(PageError, match=r"^tours\.example leads to"):
            require_public(place, addresses, loopback_only=False)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080/a", "https://localhost/", "http://[::1]:5000/"]
)
def test_a_rehearsal_reads_this_machine_on_any_port(address: str) -> None:
    assert place_of(address, loopback_only=True).url == address


@pytest.mark.parametrize(
    "address", ["https://tours.example/", "http://10.0.0.1/", "http://0.0.0.0/", "http://8.8.8.8/"]
)
def test_a_rehearsal_reads_nothing_else(address: str) -> None:
    with pytest.raises(PageError, match="rehearsal"):
        place_of(address, loopback_only=True)


def test_a_rehearsal_is_led_nowhere_else_by_a_name() -> None:
    place = place_of("http://localhost/", loopback_only=True)
    require_public(place, [ip("127.0.0.1"), ip("::1")], loopback_only=True)
    with pytest.raises(PageError, match="inside a private network"):
        require_public(place, [ip("127.0.0.1"), ip("192.168.1.1")], loopback_only=True)


@settings(deadline=None)
@given(st.text(max_size=60), st.booleans())
def test_any_text_is_an_address_or_is_refused(text: str, loopback_only: bool) -> None:
    for address in (text, f"http://{text}", f"https://a.example/{text}"):
        try:
            place = place_of(address, loopback_only=loopback_only)
        except PageError:
            continue
        assert place.url.isascii()
        assert place_of(place.url, loopback_only=loopback_only) == place
