package dev.serai.camel.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses are internal, and what allows them. */
class EgressTest {
    private static void check(String allow, String host, String address) throws UnknownHostException {
        new Egress(allow).check(host, 80, InetAddress.getByName(address));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, a loopback address",
        "127.8.8.8, a loopback address",
        "127.1, a loopback address",
        "2130706433, a loopback address",
        "::1, a loopback address",
        "::ffff:127.0.0.1, a loopback address",
        "::127.0.0.1, a loopback address",
        "64:ff9b::7f00:1, a loopback address",
        "2002:7f00:1::, a loopback address",
        "0.0.0.0, an address of this machine",
        "::, an address of this machine",
        "169.254.169.254, the address of cloud metadata",
        "::ffff:169.254.169.254, the address of cloud metadata",
        "64:ff9b::a9fe:a9fe, the address of cloud metadata",
        "fd00:ec2::254, the address of cloud metadata",
        "100.100.100.200, the address of cloud metadata",
        "169.254.1.1, a link-local address",
        "fe80::1, a link-local address",
        "10.1.2.3, a private address",
        "172.31.255.255, a private address",
        "192.168.0.1, a private address",
        "100.64.0.1, a private address",
        "64:ff9b:1::1, a private address",
        "fec0::1, a private address",
        "fd12:3456::1, a unique-local address",
        "fc00::1, a unique-local address",
        "224.0.0.1, a multicast address",
        "ff02::1, a multicast address",
        "255.255.255.255, a reserved address",
        "198.18.0.1, a reserved address"
    })
    void anInternalAddressIsRefusedWithItsKind(String address, String kind) {
        assertThatThrownBy(() -> check("", "a.example", address))
                .isInstanceOf(EgressException.class)
                .hasMessageContainingAll("a.example:80", kind, "serai.egress.allow");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "172.32.0.1",
                "172.15.255.255",
                "100.128.0.1",
                "192.0.1.1",
                "2001:4860:4860::8888",
                "2002:808:808::",
                "64:ff9b::808:808"
            })
    void aPublicAddressIsNot(String address) {
        assertThatCode(() -> check("", "a.example", address)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "a.example, a.example, 10.0.0.1",
        "A.Example, a.example., 10.0.0.1",
        "'b.example, a.example:80', a.example, 10.0.0.1",
        "10.0.0.0/8, a.example, 10.255.0.1",
        "10.0.0.1, a.example, 10.0.0.1",
        "10.0.0.1:80, a.example, 10.0.0.1",
        "127.0.0.0/8, a.example, ::ffff:127.0.0.1",
        "127.0.0.0/8, a.example, 64:ff9b::7f00:1",
        "fd00::/8, a.example, fd12::1",
        "::1, a.example, ::1",
        "[::1]:80, a.example, 0:0:0:0:0:0:0:1"
    })
    void whatIsNamedIsAllowed(String allow, String host, String address) {
        assertThatCode(() -> check(allow, host, address)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "a.example:8080, a.example, 10.0.0.1",
        "b.example, a.example, 10.0.0.1",
        "example, a.example, 10.0.0.1",
        "10.0.0.0/24, a.example, 10.0.1.1",
        "10.0.0.1:8080, a.example, 10.0.0.1",
        "::/0, a.example, 10.0.0.1",
        "0.0.0.0/0, a.example, fd12::1"
    })
    void andNothingElse(String allow, String host, String address) {
        assertThatThrownBy(() -> check(allow, host, address)).isInstanceOf(EgressException.class);
    }

    @Test
    void oneInternalAddressAmongPublicOnesIsRefused() {
        assertThatThrownBy(() -> new Egress("")
                        .check("a.example", 80, InetAddress.getByName("8.8.8.8"), InetAddress.getByName("10.0.0.1")))
                .hasMessageContaining("10.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a.example/", "10.0.0.0/33", "10.0.0.0/x", "a b:c", "*.example", "::1/200"})
    void anEntryThatCannotBeReadIsRefused(String allow) {
        assertThatThrownBy(() -> new Egress(allow))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("serai.egress.allow has names");
    }

    @ParameterizedTest
    @CsvSource({
        "http://10.0.0.1/x/${header.id}",
        "http:10.0.0.1/x",
        "'see ''http://10.0.0.1:80'''",
        "kamelet:http-sink?url=http://10.0.0.1?x=${body}",
        "http://user:pw@10.0.0.1"
    })
    void aServerThatIsWrittenIsAllowed(String text) {
        Egress egress = new Egress("");
        egress.written(text);

        assertThatCode(() -> egress.check("10.0.0.1", 80, InetAddress.getByName("10.0.0.1")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> egress.check("10.0.0.1", 81, InetAddress.getByName("10.0.0.1")))
                .hasMessageContaining("it is a private address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://10.0.0.1${header.rest}", "http://10.0.0.1{{rest}}", "http://${header.host}/10.0.0.1"})
    void oneWhoseNameOrPortAMessageCompletesIsNotWritten(String text) {
        Egress egress = new Egress("");
        egress.written(text);

        assertThatThrownBy(() -> egress.check("10.0.0.1", 80, InetAddress.getByName("10.0.0.1")))
                .isInstanceOf(EgressException.class);
    }

    @Test
    void ofOtherHostsOnlyThoseThatAreAddressesAreKnown() {
        assertThat(Egress.addressed(Set.of("127.0.0.1:81", "cdn.example", "localhost", "[::1]:82")))
                .containsExactlyInAnyOrder("127.0.0.1:81", "localhost:80", "localhost:443", "0:0:0:0:0:0:0:1:82");
    }
}
