#!/usr/bin/env bash
# Makes a private folder with what the feature `realsense` needs to be built and tested on a machine without librealsense and without a camera, and
# prints the environment that makes cargo use it:
#
#     eval "$(host/camera/realsense/prepare.sh)"
#     cargo test --package sluis-camera --features realsense
#
# Nothing is installed in the system. Needs python3 with pip, gcc and binutils, and the libraries libusb-1.0 and libudev (Debian: python3-pip, gcc,
# libusb-1.0-0, libudev1). Where librealsense 2.56 is installed, none of this is needed to build.
#
# Why this way: Debian has no librealsense. The Python package `pyrealsense2` holds the whole library inside its extension module, which exports the C
# functions.
set -euo pipefail

readonly version=2.56.5
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
target="${CARGO_TARGET_DIR:-$here/../../../target}"
mkdir -p "${1:-$target/realsense}"
folder="$(cd "${1:-$target/realsense}" && pwd)"

say() { printf 'prepare.sh: %s\n' "$*" >&2; }

for tool in python3 gcc readelf; do
    command -v "$tool" > /dev/null || { say "$tool is missing. Debian: apt-get install python3 python3-pip gcc binutils"; exit 1; }
done
python3 -m pip --version > /dev/null 2>&1 || { say 'pip is missing. Debian: apt-get install python3-pip'; exit 1; }

# The folder's own mark: whole, of this version, and for this Python.
mark="librealsense $version for $(python3 -c 'import sys; print(sys.implementation.cache_tag)')"
if [ "$(cat "$folder/made" 2> /dev/null)" != "$mark" ]; then
    say "bringing pyrealsense2 from the Python Package Index into $folder (11 MB)"
    rm -rf "$folder/made" "$folder/python" "$folder/lib" "$folder"/*.bag
    mkdir -p "$folder/lib/pkgconfig"
    python3 -m pip --quiet --disable-pip-version-check install --root-user-action ignore --no-deps --only-binary :all: --require-hashes \
        --target "$folder/python" --requirement "$here/requirements.txt" >&2 \
        || { say 'there is no pyrealsense2 for this machine: it is made for Python 3.9 to 3.13 on x86_64'; exit 1; }

    library="$(echo "$folder"/python/pyrealsense2/pyrealsense2.*.so)"
    soname="$(readelf --dynamic --wide "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')"
    ln -s "$library" "$folder/lib/$soname"
    # $1: which symbols, for awk; $2: what C makes of each NAME.
    symbols() { readelf --dyn-syms --wide "$library" | awk "$1"' { sub(/@.*/, "", $8); print $8 }' | sed "s/.*/$2/"; }

    # The extension module also refers to the Python interpreter, which is not there when a Rust program loads it. None of that is ever called. So a program loads
    # a library that has 64 empty bytes for each of those names, and that loads the module.
    symbols '$7 == "UND" && $8 ~ /^_?Py/' 'char &[64];' \
        | gcc -shared -fPIC -x c - -o "$folder/lib/librealsense2.so.2.56" -Wl,-soname,librealsense2.so.2.56 \
            -x none -Wl,--no-as-needed "$library" -Wl,-rpath,'$ORIGIN'
    # The linker is shown a library that has the names of all functions, for it does not look into what another library loads.
    symbols '$7 != "UND" && $8 ~ /^rs2_/' 'void &(void) {}' \
        | gcc -shared -fPIC -x c - -o "$folder/lib/librealsense2.so" -Wl,-soname,librealsense2.so.2.56

    cat > "$folder/lib/pkgconfig/realsense2.pc" << END
libdir=$folder/lib

Name: realsense2
Description: librealsense out of the Python package pyrealsense2
Version: $version
Libs: -L\${libdir} -lrealsense2
END
    printf '%s' "$mark" > "$folder/made"
fi

for frames in 3 60; do
    bag="$folder/$frames-frames.bag"
    if [ ! -s "$bag" ] || [ "$here/make-bag.py" -nt "$bag" ]; then
        say "recording $bag"
        PYTHONPATH="$folder/python" python3 "$here/make-bag.py" "$bag" "$frames" >&2
    fi
done

# $1: a variable that is a list of folders; $2: what shall be its first. The same list twice is the same list: cargo builds anew when it changes.
put_first() {
    case ":${!1:-}:" in
        ":$2:"*) printf 'export %s=%q\n' "$1" "${!1}" ;;
        *) printf 'export %s=%q\n' "$1" "$2${!1:+:${!1}}" ;;
    esac
}
put_first PKG_CONFIG_PATH "$folder/lib/pkgconfig"
put_first LD_LIBRARY_PATH "$folder/lib"
printf 'export SLUIS_REALSENSE=%q\n' "$folder"
