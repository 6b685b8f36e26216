package dev.serai.camel.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionShareTest {
    private static final int MAX = 1_200;

    private final ByteBudget budget = new ByteBudget(MAX);
    private final Admission admission = new Admission(MAX, MAX, budget);
    private final List<AdmissionShare.Claim> open = new ArrayList<>();

    private int requests(AdmissionShare path, String peer) {
        int entered = 0;
        while (true) {
            AdmissionShare.Claim claim = path.claim(peer);
            if (!claim.enter()) {
                claim.close();
                return entered;
            }
            open.add(claim);
            entered++;
        }
    }

    private boolean holds(AdmissionShare path, String peer, int bytes) {
        AdmissionShare.Claim claim = path.claim(peer);
        if (claim.hold(bytes)) {
            open.add(claim);
            return true;
        }
        claim.close();
        return false;
    }

    @Test
    void senderThatTakesAllItCanLeavesRoomForOthersOnItsPathAndOnOtherPaths() {
        AdmissionShare path = admission.share();

        assertThat(requests(path, "a")).isEqualTo(MAX / 3);
        assertThat(requests(path, "b")).isGreaterThan(100);
        assertThat(requests(admission.share(), "a")).isGreaterThan(100);
    }

    @Test
    void stalledBodiesLeaveRoomForOthers() {
        AdmissionShare path = admission.share();
        while (holds(path, "a", 100)) {}

        assertThat(budget.taken()).isLessThanOrEqualTo(MAX / 3);
        assertThat(holds(path, "b", 100)).isTrue();
        assertThat(holds(admission.share(), "a", 100)).isTrue();
    }

    @Test
    void theStalledBodiesOfOneServerLeaveRoomForOthers() {
        for (int path = 0; path < 100; path++) {
            AdmissionShare share = admission.share();
            while (holds(share, "a", 10)) {}
        }

        assertThat(new Admission(1, MAX, budget).hold(MAX / 4)).isTrue();
    }

    @Test
    void oneBodyMayTakeAllThatIsFree() {
        AdmissionShare.Claim claim = admission.share().claim("a");

        assertThat(claim.hold(MAX / 2)).isTrue();
        assertThat(claim.hold(MAX / 2)).isTrue();
        assertThat(claim.hold(1)).isFalse();
    }

    @Test
    void whatWasClosedIsFreeAgain() {
        AdmissionShare path = admission.share();
        assertThat(requests(path, "a")).isEqualTo(MAX / 3);
        while (holds(path, "a", 100)) {}

        open.forEach(AdmissionShare.Claim::close);
        open.forEach(AdmissionShare.Claim::close);

        assertThat(budget.taken()).isZero();
        assertThat(requests(path, "a")).isEqualTo(MAX / 3);
    }
}
