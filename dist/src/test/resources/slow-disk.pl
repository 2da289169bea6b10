# Serves one file, "image", over fuse(4), and pauses before each read: a slow disk for a loop device.
#
#   slow-disk.pl IMAGE SECONDS, with /dev/fuse, already mounted, as descriptor 3
use strict;
use warnings;
use Errno qw(EINTR ENOENT EAGAIN);
my ($image, $pause) = @ARGV;
$^F = 3;
open(my $device, '+<&=', 3) or die "descriptor 3: $!";
open(my $file, '+<', $image) or die "$image: $!";
binmode $_ for $device, $file;
my $size = -s $file;

sub attributes {
  my ($node) = @_;
  my @times = (0) x 6;
  return $node == 1
    ? pack('Q3 Q3L3 L2 L5', 1, 0, 0, @times, 040755, 2, 0, 0, 0, 4096, 0)
    : pack('Q3 Q3L3 L2 L5', 2, $size, $size / 512, @times, 0100644, 1, 0, 0, 0, 4096, 0);
}

sub reply {
  my ($unique, $body, $error) = @_;
  syswrite($device, pack('LlQ', 16 + length $body, -($error // 0), $unique) . $body);
}

while (1) {
  my $length = sysread($device, my $in, 0x22000);
  if (!defined $length) {
    next if $! == EINTR || $! == ENOENT || $! == EAGAIN;
    exit;  # It is unmounted.
  }
  my ($operation, $unique, $node) = unpack('x4 L Q2', $in);
  my $body = substr($in, 40);
  if ($operation == 26) {  # INIT
    reply($unique, pack('L4 S2 L2 x36', 7, 31, 0x20000, 0, 16, 12, 0x20000, 1));
  } elsif ($operation == 1) {  # LOOKUP
    if ($body eq "image\0") {
      reply($unique, pack('Q4L2', 2, 0, 1000000, 1000000, 0, 0) . attributes(2));
    } else {
      reply($unique, '', ENOENT);
    }
  } elsif ($operation == 3 || $operation == 4) {  # GETATTR, SETATTR
    reply($unique, pack('QL2', 1000000, 0, 0) . attributes($node));
  } elsif ($operation == 14 || $operation == 27) {  # OPEN, OPENDIR
    reply($unique, pack('QL2', 0, 0, 0));
  } elsif ($operation == 15) {  # READ
    my ($offset, $count) = unpack('x8 QL', $body);
    select(undef, undef, undef, $pause);
    sysseek($file, $offset, 0);
    sysread($file, my $data, $count);
    reply($unique, $data);
  } elsif ($operation == 16) {  # WRITE
    my ($offset, $count) = unpack('x8 QL', $body);
    sysseek($file, $offset, 0);
    syswrite($file, substr($body, 40, $count));
    reply($unique, pack('L2', $count, 0));
  } elsif ($operation == 17) {  # STATFS
    reply($unique, "\0" x 80);
  } elsif ($operation == 18 || $operation == 20 || $operation == 25 || $operation == 29) {
    reply($unique, '');  # RELEASE, FSYNC, FLUSH, RELEASEDIR
  } elsif ($operation != 2 && $operation != 36 && $operation != 42) {
    reply($unique, '', 38);  # ENOSYS; FORGET, INTERRUPT and BATCH_FORGET want no answer
  }
}
