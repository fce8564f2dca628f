"""Programs that wait for themselves: an error with their resources, where the SDK would wait for ever."""

from __future__ import annotations

from tests.rehearsal.lab import Lab, errors

CIRCLE = """
needed = []
c = pulumi.ComponentResource("a:b:C", "c", None, O(depends_on=needed))
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=O(provider=p, parent=c))
needed.append(aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=o))
"""


def test_a_component_that_depends_on_what_depends_on_it_is_an_error_with_all_of_them(lab: Lab) -> None:
    lab.program(CIRCLE)
    (error,) = errors(lab.preview())
    assert error.startswith("the program waits for itself")
    waiting = error.splitlines()[1:]
    assert [line.strip() for line in waiting] == [
        "a:b:C c",
        "aws:ec2/subnet:Subnet subnet",
        "aws:ec2/vpc:Vpc vpc",
    ]


def test_a_program_that_waits_for_a_thread_or_a_timer_of_its_own_goes_on(lab: Lab) -> None:
    lab.program("""
        import asyncio, threading, time
        async def later():
            await asyncio.sleep(1.5)
            loop, done = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
            threading.Thread(target=lambda: (time.sleep(2), loop.call_soon_threadsafe(done.set_result, "x"))).start()
            return await done
        pulumi.export("later", pulumi.Output.from_input(later()))
    """)
    result = lab.up()
    assert not result.failed, errors(result)
    assert result.outputs["later"] == "x"
