package dev.serai.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken for a secret by its name, and what of an address is shown. */
class SecretNamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "access_token",
                "token",
                "key",
                "sign",
                "sig",
                "signature",
                "X-Amz-Signature",
                "apikey",
                "api_key",
                "api-key",
                "secret",
                "client_secret",
                "password",
                "passwd",
                "pwd",
                "auth",
                "ticket",
                "shop.apiV3Key",
                "shop.key"
            })
    void aParameterOfThisNameHasASecret(String name) {
        assertThat(SecretNames.isParameter(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serai.node.secretFile",
                "serai.admin.tokenFile",
                "keys",
                "monkey",
                "design",
                "page",
                "since",
                "id",
                "serai.retention.settled",
                "author"
            })
    void oneOfAnotherNameHasNone(String name) {
        assertThat(SecretNames.isParameter(name)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.example/x?access_token=abc&page=2, https://a.example/x?access_token=***&page=2",
        "https://a.example/x?page=2&sign=a%2Fb#top, https://a.example/x?page=2&sign=***#top",
        "GET \"https://a.example/x?key=abc\" failed, GET \"https://a.example/x?key=***\" failed",
        "https://user:pw@a.example/x, https://***@a.example/x",
        "at 12:30 mail@a.example, at 12:30 mail@a.example",
        "a=b&token=c, a=b&token=***",
        "token=c, token=c"
    })
    void anAddressIsShownWithoutItsSecrets(String text, String shown) {
        assertThat(SecretNames.withoutUrlSecrets(text)).isEqualTo(shown);
    }

    @Test
    void theSecretsOfAnAddressAreFound() {
        assertThat(SecretNames.inQuery("https://a.example/x?page=2&sign=a%2Fb&token=c"))
                .containsExactly("a%2Fb", "c");
    }
}
