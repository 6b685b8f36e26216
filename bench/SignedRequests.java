import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Writes HTTP requests for load.c: payments as JSON ({@code plain}), and the same payments as WeChat Pay's notifications,
 * encrypted and signed with a key made for this run ({@code signed}, with {@code public.pem}). It shares no code with what is measured.
 *
 * <p>See: https://pay.weixin.qq.com/doc/v3/merchant/4012791861
 */
final class SignedRequests {
    private static final String API_V3_KEY = "bench-key-known-to-everyone-0123";
    private static final String SERIAL = "PUB_KEY_ID_BENCH";
    private static final int AHEAD_MAX = 10_000;

    /** What is written takes a while to send, and the receiver refuses what is five minutes off, to either side. */
    private static final long AHEAD_SECONDS = 150;

    private SignedRequests() {}

    private record Requests(byte[] plain, byte[] signed) {}

    /** Arguments: a directory, and how many. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        String pem = Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded());
        Files.writeString(
                directory.resolve("public.pem"), "-----BEGIN PUBLIC KEY-----\n" + pem + "\n-----END PUBLIC KEY-----\n");
        ExecutorService signers = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try (DataOutputStream plain = open(directory.resolve("plain"));
                DataOutputStream signed = open(directory.resolve("signed"))) {
            Deque<Future<Requests>> ahead = new ArrayDeque<>();
            for (int number = 0; number < count || !ahead.isEmpty(); number++) {
                if (number < count) {
                    int n = number;
                    ahead.add(signers.submit(() -> requests(n, keys.getPrivate())));
                }
                if (number >= count || ahead.size() > AHEAD_MAX) {
                    Requests next = ahead.remove().get();
                    write(plain, next.plain());
                    write(signed, next.signed());
                }
            }
        } finally {
            signers.shutdownNow();
        }
    }

    private static DataOutputStream open(Path file) throws IOException {
        return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20));
    }

    private static void write(DataOutputStream out, byte[] request) throws IOException {
        out.writeInt(request.length);
        out.write(request);
    }

    private static Requests requests(int number, PrivateKey key) throws GeneralSecurityException {
        String payment = "{\"mchid\":\"1900000001\",\"appid\":\"wxbench0000000001\",\"out_trade_no\":\"B" + number
                + "\",\"transaction_id\":\"4200000000202611230000000" + (1_000_000 + number)
                + "\",\"trade_type\":\"JSAPI\",\"trade_state\":\"SUCCESS\",\"trade_state_desc\":\"支付成功\","
                + "\"bank_type\":\"OTHERS\",\"attach\":\"\",\"success_time\":\"2026-11-23T10:34:56+08:00\","
                + "\"payer\":{\"openid\":\"oBench0000000000000000000001\"},\"amount\":{\"total\":" + (100 + number % 900)
                + ",\"payer_total\":100,\"currency\":\"CNY\",\"payer_currency\":\"CNY\"},\"scene_info\":{\"device_id\":\"bench\"}}";
        byte[] notification = notification(number, payment).getBytes(UTF_8);
        String time = String.valueOf(Instant.now().getEpochSecond() + AHEAD_SECONDS);
        String nonce = "nonce" + number;
        Signature signer = Signature.getInstance("SHA256withRSA");
        signer.initSign(key);
        signer.update((time + "\n" + nonce + "\n").getBytes(UTF_8));
        signer.update(notification);
        signer.update((byte) '\n');
        String headers = "Wechatpay-Timestamp: " + time + "\r\nWechatpay-Nonce: " + nonce + "\r\nWechatpay-Serial: " + SERIAL
                + "\r\nWechatpay-Signature-Type: WECHATPAY2-SHA256-RSA2048\r\nWechatpay-Signature: "
                + Base64.getEncoder().encodeToString(signer.sign()) + "\r\n";
        return new Requests(post("", payment.getBytes(UTF_8)), post(headers, notification));
    }

    private static String notification(int number, String payment) throws GeneralSecurityException {
        String nonce = String.format("n%011d", number);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(API_V3_KEY.getBytes(UTF_8), "AES"),
                new GCMParameterSpec(128, nonce.getBytes(UTF_8)));
        cipher.updateAAD("transaction".getBytes(UTF_8));
        String ciphertext = Base64.getEncoder().encodeToString(cipher.doFinal(payment.getBytes(UTF_8)));
        return "{\"id\":\"bench-" + number + "\",\"create_time\":\"2026-11-23T10:34:56+08:00\","
                + "\"resource_type\":\"encrypt-resource\",\"event_type\":\"TRANSACTION.SUCCESS\",\"summary\":\"支付成功\","
                + "\"resource\":{\"original_type\":\"transaction\",\"algorithm\":\"AEAD_AES_256_GCM\",\"ciphertext\":\""
                + ciphertext + "\",\"associated_data\":\"transaction\",\"nonce\":\"" + nonce + "\"}}";
    }

    private static byte[] post(String headers, byte[] body) {
        byte[] head = ("POST /hook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + headers
                        + "Content-Length: " + body.length + "\r\n\r\n")
                .getBytes(UTF_8);
        byte[] request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        return request;
    }
}
