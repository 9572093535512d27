"""Reads figures on stdin with Prometheus' own parsers: openmetrics.py openmetrics|prometheus."""
import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

FORMATS = {'openmetrics': openmetrics, 'prometheus': parser}


def main() -> None:
    families = list(FORMATS[sys.argv[1]].text_string_to_metric_families(sys.stdin.read()))
    for family in families:
        for sample in family.samples:
            labels = ' '.join(f'{name}={value}' for name, value in sorted(sample.labels.items()))
            print(family.type, sample.name, labels, sample.value)


if __name__ == '__main__':
    main()
