"""placeholder until written"""

import click


@click.command()
def demo() -> None:
    """演示"""
