#!/usr/bin/env bash
# What test.sh runs as root inside of a freshly booted Debian: the life of the service, from its installation to its
# removal. Each step says how long it took, or what was seen; the first that is wrong ends it.
set -euo pipefail

config=/etc/kaisen/kaisen.yaml
export KAISEN_LIBCHDB=/usr/lib/kaisen/libchdb.so # for questions while the service is stopped

say() { printf '%-66s %s\n' "$1" "${2:-ok}"; }
die() {
	say "$1" WRONG
	systemctl status --no-pager --full kaisen || true
	journalctl --unit kaisen --no-pager | tail -n 60
	exit 1
}
want() { # want WHAT GOT EXPECTED
	[ "$2" = "$3" ] || die "$1: $2, expected $3"
	say "$1" "$2"
}
show() { systemctl show --value --property "$1" kaisen; }
now() { date +%s%3N; }
took() { awk "BEGIN { printf \"%.1f s\", ($(now) - $1) / 1000 }"; }
eventually() { # eventually SECONDS COMMAND…
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || die "not in time: $*"
		sleep 0.2
	done
}
query() { kaisen query --config "$config" --format TSV "$1"; }
rows() { query "SELECT count() FROM traffic_samples"; }
all_stored() { [ "$(rows)" -ge 200 ]; }
shown() { curl --silent --fail http://127.0.0.1:10842/metrics | grep -c '^kaisen_line_remaining_bytes.*scope="line"'; }
all_shown() { [ "$(shown)" -ge 150 ]; } # not every plan has a cap
restarted() { [ "$(show MainPID)" != "$1" ] && [ "$(show ActiveState)" = active ]; }
unchanged() { want "rows of before, and their checksum" "$(query "$fingerprint")" "$kept"; }
gone() { ! pgrep --uid kaisen; }

echo "--- installation"
# Not started: there is no account in the configuration that comes with the package.
dpkg --install /opt/test/kaisen-engine.deb /opt/test/kaisen.deb >/opt/test/dpkg 2>&1 || { cat /opt/test/dpkg && exit 1; }
grep -q 'kaisen is not started, because its configuration is not complete' /opt/test/dpkg || { cat /opt/test/dpkg && die "nothing was said"; }
want "after the installation the service is" "$(systemctl is-active kaisen || true)" inactive
want "and comes with the next boot" "$(systemctl is-enabled kaisen)" enabled
want "configuration" "$(stat --format '%A %U:%G' "$config")" "-rw-r----- root:kaisen"
want "folder of the secrets" "$(stat --format '%A %U:%G' /etc/kaisen/secrets)" "drwxr-s--- root:kaisen"
kaisen config check --config "$config" 2>/opt/test/check && die "a configuration without an account"
grep -q '/etc/kaisen/secrets/hq' /opt/test/check || { cat /opt/test/check && die "the secret that is missing is not named"; }
say "the secret that is missing is named"

systemd-run --quiet --unit simulator kaisen simulator --listen 127.0.0.1:8124 --lines 200 --contracts 2 --share-lines 20 --speed 60
cat >"$config" <<-'YAML'
	sources:
	  - name: hq
	    base_url: http://127.0.0.1:8124
	    token_url: http://127.0.0.1:8124/v1/oauth/accesstokens
	    client_id: simulator
	    client_secret_file: /etc/kaisen/secrets/hq
	    contracts: [N000000001]
	    rate_limit: {requests_per_second: 100, burst: 50}
	    jobs: {traffic: {interval: 5s}, session: {interval: 5s}}
	  - name: branch
	    base_url: http://127.0.0.1:8124
	    token_url: http://127.0.0.1:8124/v1/oauth/accesstokens
	    client_id: simulator
	    client_secret_file: /etc/kaisen/secrets/branch
	    contracts: [N000000002]
	    rate_limit: {requests_per_second: 100, burst: 50}
	    jobs: {traffic: {interval: 5s}, session: {interval: 5s}}
	store: {kind: embedded, path: /var/lib/kaisen/clickhouse, spool: /var/lib/kaisen/spool}
YAML
(umask 077 && echo simulator-secret >/etc/kaisen/secrets/hq) # the service's group, by the folder, but not for it to read
echo simulator-secret >/opt/test/branch && mv /opt/test/branch /etc/kaisen/secrets/branch # root's, for everybody
say "the configuration is good" "$(kaisen config check --config "$config")"

echo "--- start"
began=$(now)
systemctl start kaisen || die "start"
say "systemctl start, until it is ready" "$(took "$began")"
want "status" "$(show StatusText)" ready
want "user" "$(ps --no-headers -o user= --pid "$(show MainPID)")" kaisen
for secret in hq branch; do
	want "secret of $secret" "$(stat --format '%A %U:%G' "/etc/kaisen/secrets/$secret")" "-rw-r----- root:kaisen"
done
want "the unit's own opinion of the configuration" "$(show Environment)" "KAISEN_LIBCHDB=/usr/lib/kaisen/libchdb.so"
eventually 60 all_shown
both_polled() { [ "$(query "SELECT uniqExact(source) FROM traffic_samples")" = 2 ]; } # gauges come before rows
eventually 60 both_polled
say "both accounts are polled"
say "gauges" "$(shown) lines"
say "exposure (systemd-analyze security)" "$(systemd-analyze security --no-pager kaisen | tail -1 | grep -o '[0-9]\.[0-9]')"
say "memory of kaisen and the engine" "$(($(cat /proc/$(show MainPID)/status /proc/$(pgrep --parent "$(show MainPID)")/status | awk '/VmRSS/ { kb += $2 } END { print kb }') / 1024)) MiB"
# The engine compiles what comes up again and again; a unit that is too strict would break just that.
for _ in 1 2 3 4 5 6; do
	query 'SELECT line_no, sum(month_bytes * 3 + today_bytes), max(remaining_bytes) FROM traffic_samples GROUP BY line_no ORDER BY line_no, max(today_bytes) LIMIT 3' >/dev/null ||
		die "a question that comes up again"
done
say "a question that comes up again is answered"
eventually 60 all_stored
say "rows" "$(rows)"

echo "--- reload"
metric() { curl --silent http://127.0.0.1:10842/metrics | grep "$1"; }
asked() { query "SELECT count() FROM traffic_samples FINAL WHERE source = '$1'"; }
goes_on() { [ "$(asked "$1")" -gt "$2" ]; }
victim=$(show MainPID)
# A secret that the carrier has renewed: here the simulator is another one, whose tokens nobody has yet.
systemctl stop simulator && systemctl reset-failed simulator 2>/dev/null || true
systemd-run --quiet --unit simulator kaisen simulator --listen 127.0.0.1:8124 --lines 200 --contracts 2 --share-lines 20 --speed 60 \
	--client-secret renewed --start "$(date --utc --date '+12 hours' +%Y-%m-%dT%H:%M:%SZ)" # behind what the first has told
for account in hq branch; do
	echo renewed >/opt/test/$account && mv /opt/test/$account /etc/kaisen/secrets/$account # root's, for everybody
done
systemctl reload kaisen || die "reload with renewed secrets"
before=$(asked hq)
eventually 60 goes_on hq "$before"
want "renewed secrets are taken, and the process is" "$(show MainPID)" "$victim"
want "secret of hq" "$(stat --format '%A %U:%G' /etc/kaisen/secrets/hq)" "-rw-r----- root:kaisen"
sed -i 's/100/none/' "$config"
systemctl reload kaisen && die "a reload of a bad configuration"
want "after a bad configuration the service is" "$(systemctl is-active kaisen)" active
sed -i 's/none/100/' "$config"
cp "$config" /opt/test/kaisen.yaml
echo 'time_zone: UTC' >>"$config"
systemctl reload kaisen
eventually 10 metric '^kaisen_config_last_reload_successful 0'
journalctl --unit kaisen | grep -q 'key=time_zone' || die "the key that cannot change is not named"
say "what cannot change is named, and refused"
cp /opt/test/kaisen.yaml "$config"
sed -i '/- name: branch/,/session: {interval: 5s}}/d' "$config" # the source with its contract
systemctl reload kaisen || die "reload without a source"
eventually 10 metric '^kaisen_config_last_reload_successful 1'
removed() { [ "$(query "SELECT countIf(state != 'removed') FROM lines FINAL WHERE source = 'branch'")" = 0 ]; }
eventually 60 removed
nowhere() { ! metric N000000002; }
eventually 10 nowhere
before=$(asked hq)
eventually 60 goes_on hq "$before"
say "a contract that is taken out is shown nowhere, and the other goes on"
cp /opt/test/kaisen.yaml "$config"
systemctl reload kaisen || die "reload with the source again"
before=$(asked branch)
eventually 60 goes_on branch "$before"
want "put back it is polled, and the process is" "$(show MainPID)" "$victim"
kill -HUP "$victim" && sleep 1
want "a bare SIGHUP leaves it" "$(systemctl is-active kaisen)" active

echo "--- stop and start"
before=$(query "SELECT count(), sum(cityHash64(*)) FROM traffic_samples WHERE observed_at < '2100-01-01'" | cut -f 1)
until_then=$(query "SELECT max(observed_at) FROM traffic_samples")
fingerprint="SELECT count(), sum(cityHash64(source, contract_id, line_no, scope, observed_at, month_bytes)) FROM traffic_samples FINAL WHERE observed_at <= '$until_then'"
began=$(now)
systemctl stop kaisen
elapsed=$(($(now) - began))
[ "$elapsed" -lt 10000 ] || die "systemctl stop took $elapsed ms"
say "systemctl stop" "$(awk "BEGIN { printf \"%.1f s\", $elapsed / 1000 }")"
want "result" "$(show Result)" success
eventually 1 gone
say "no process is left"
kept=$(query "$fingerprint") # by an engine of root's, for a moment: its files must not lock out the service
began=$(now)
systemctl start kaisen
say "start again" "$(took "$began")"
unchanged
[ "$(rows)" -ge "$before" ] || die "$(rows) rows, $before before"

echo "--- backup, as in the README"
systemctl stop kaisen
tar -C /var/lib -czf /opt/test/backup.tar.gz kaisen
mv /var/lib/kaisen /var/lib/kaisen.old
tar -C /var/lib -xzf /opt/test/backup.tar.gz
systemctl start kaisen
unchanged

echo "--- accidents"
victim=$(show MainPID)
began=$(now)
kill -KILL "$victim"
eventually 60 restarted "$victim"
say "kaisen killed, and back" "$(took "$began")"
unchanged
engine=$(pgrep --parent "$(show MainPID)")
began=$(now)
kill -KILL "$engine"
eventually 30 query "SELECT 1"
say "the engine killed, and answering" "$(took "$began")"
mkdir -p /run/systemd/system/kaisen.service.d
printf '[Service]\nWatchdogSec=4s\nTimeoutAbortSec=2s\nRestartSec=1s\n' >/run/systemd/system/kaisen.service.d/test.conf
systemctl daemon-reload
systemctl restart kaisen
victim=$(show MainPID)
kill -STOP "$victim"
began=$(now)
eventually 60 restarted "$victim"
say "kaisen hanging, with a watchdog of 4 s, and back" "$(took "$began")"
journalctl --unit kaisen | grep -q 'Watchdog timeout' || die "it was not the watchdog"
unchanged
rm -r /run/systemd/system/kaisen.service.d
systemctl daemon-reload

echo "--- upgrade and removal"
victim=$(show MainPID)
sed -i 's/100/none/' "$config"
dpkg --install /opt/test/kaisen.deb >/opt/test/dpkg 2>&1 || { cat /opt/test/dpkg && die "upgrade with a bad configuration"; }
grep -q 'kaisen is not restarted, because its configuration' /opt/test/dpkg || { cat /opt/test/dpkg && die "nothing was said"; }
want "an upgrade with a bad configuration leaves the old one running" "$(show MainPID)" "$victim"
sed -i 's/none/100/' "$config"
dpkg --install /opt/test/kaisen.deb >/opt/test/dpkg 2>&1 || { cat /opt/test/dpkg && die "upgrade"; }
restarted "$victim" || die "an upgrade restarts it"
say "an upgrade restarts it"
grep -q 'base_url: http://127.0.0.1:8124' "$config" || die "the configuration was overwritten"
systemctl stop kaisen
dpkg --install /opt/test/kaisen.deb >/dev/null 2>&1
want "one that was stopped by hand stays" "$(systemctl is-active kaisen || true)" inactive
systemctl start kaisen
dpkg --remove kaisen >/dev/null 2>&1
want "removed, the service is" "$(systemctl is-active kaisen || true)" inactive
eventually 1 gone
[ -d /var/lib/kaisen/clickhouse ] && [ -e "$config" ] || die "a removal keeps rows and configuration"
say "a removal keeps rows and configuration"
dpkg --purge kaisen kaisen-engine >/opt/test/dpkg 2>&1 || { cat /opt/test/dpkg && die "purge"; }
[ ! -e /etc/kaisen ] && [ -d /var/lib/kaisen/clickhouse ] || die "a purge keeps the rows alone"
say "a purge keeps the rows alone"
touch /opt/test/passed
